"""A model as an inline SVG picture, top to bottom,
some of its layers marked as found, wrong or missing.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from autograder.architecture.folding import Box, Plan, plan
from autograder.architecture.kinds import CONVOLUTIONS, NORMS
from autograder.architecture.layout import Layout, lay_out
from autograder.architecture.node import Architecture, Node
from autograder.architecture.text import activation_text, shape_text, shown, title

PAGE = 900  # width of the column in which a picture stands
BOX, HIGH, LOW, NOTE = 212.0, 38.0, 21.0, 30.0  # width of a box; heights of its parts
BETWEEN, STUB = 46.0, 19.0  # rows; what of it lies beside a shape
MARGIN = 18.0
BELOW = 18.0  # room for the shapes of the outputs
FONT = "Helvetica, Arial, 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Look:
    """How a marked layer is set off, for readers who see colours and for those who don't."""

    line: str
    fill: str
    dash: str
    word: str

    @property
    def dashes(self) -> str:
        """The attribute for its line."""
        return f' stroke-dasharray="{self.dash}"' if self.dash else ""


LOOKS = {
    "found": Look("#0b6e99", "#dff1f8", "", "✓ found"),
    "wrong": Look("#c2410c", "#ffe8dc", "", "✗ wrong"),
    "missing": Look("#7c3aed", "#f1eafe", "5 3", "? missing"),
}
TINTS = {
    "input": "#eceff3", "conv": "#eef3fb", "sepconv": "#eef3fb", "dwconv": "#eef3fb",
    "upconv": "#eef3fb", "dense": "#eef3fb", "maxpool": "#f6f1e4", "avgpool": "#f6f1e4",
    "gap": "#f6f1e4", "gmp": "#f6f1e4", "upsample": "#f6f1e4", "augment": "#f3edf6",
    "rescale": "#f3edf6", "normalize": "#f3edf6", "opaque": "#f2d9d9", "lambda": "#f2d9d9",
}  # fmt: skip
TRAINABLE = CONVOLUTIONS | NORMS | {"dense", "embedding", "attention", "rnn"}
MERGES = {
    "add": "+",
    "mul": "×",
    "sub": "−",
    "average": "ø",
    "max": "max",
    "min": "min",
    "dot": "·",
}


@dataclass(frozen=True)
class _Picture:
    """What is drawn, and where its parts stand."""

    scene: Plan
    heights: Sequence[float]  # of each box
    place: Layout
    caption: str
    marks: Mapping[int, str]

    @property
    def used(self) -> list[str]:
        """The marks that occur, in their order."""
        return [mark for mark in LOOKS if mark in self.marks.values()]

    @property
    def head(self) -> float:
        """Room for the caption."""
        return 26.0 if self.caption else 0.0

    @property
    def width(self) -> float:
        beside = 44.0 if self.scene.frames else 0.0
        return max(self.place.width, 260.0, _wide(self.caption, 14)) + 2 * MARGIN + beside

    @property
    def height(self) -> float:
        legend = 26.0 if self.used else 0.0
        return self.place.height + 2 * MARGIN + BELOW + self.head + legend


def draw(arch: Architecture, marks: Mapping[int, str] | None = None, caption: str = "") -> str:
    """The model as an <svg> element; `marks` gives "found", "wrong" or "missing" for ids of nodes.

    Self-contained and free of ids, styles and scripts, so any number of pictures can stand in one
    page. Up to 60 layers are drawn one by one; in larger models repeated blocks are drawn once,
    with their number.
    """
    marks = {number: mark for number, mark in (marks or {}).items() if mark in LOOKS}
    scene = plan(arch, marks)
    heights = [_height(box, marks) for box in scene.boxes]
    place = lay_out([BOX] * len(scene.boxes), heights, scene.edges, BETWEEN)
    picture = _Picture(scene, heights, place, _fitted(caption, PAGE - 2 * MARGIN, 14), marks)
    return "".join([
        *_frame(picture, arch),
        f'<g transform="translate({MARGIN:.0f} {MARGIN + picture.head:.0f})">',
        *_frames(scene, place),
        *_edges(scene, place, heights),
        *_shapes(scene, place, heights, arch),
        *_boxes(picture, _remarks(arch)),
        "</g>",
        *_legend(picture.used, picture.height - 16.0),
        "</svg>",
    ])  # fmt: skip


def _frame(picture: _Picture, arch: Architecture) -> Iterator[str]:
    """The start of the element: its size, its words, the paper and the caption."""
    width, height, caption = picture.width, picture.height, picture.caption
    scale = min(1.0, max(PAGE / width, 0.6))
    yield (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'font-family="{escape(FONT)}" fill="#1f2328" '
        f'width="{width * scale:.0f}" height="{height * scale:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">'
    )
    yield f"<title>{_text(caption or arch.name, 200)}</title>"
    yield f"<desc>{_text(_summary(arch, picture.marks), 2000)}</desc>"
    yield f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>'
    if caption:
        yield (
            f'<text x="{MARGIN:.0f}" y="24" font-size="14" font-weight="bold">'
            f"{_text(caption, 100)}</text>"
        )


def _height(box: Box, marks: Mapping[int, str]) -> float:
    return NOTE if box.note else sum(_strip(box, i, marks) for i in range(len(box.nodes)))


def _strip(box: Box, index: int, marks: Mapping[int, str]) -> float:
    return HIGH if index == 0 or box.nodes[index].id in marks else LOW


def _remarks(arch: Architecture) -> dict[int, str]:
    """What is said of a layer beside its name:
    that it is called again elsewhere, or does not train.
    """
    calls = Counter(node.layer for node in arch.nodes)
    found: dict[int, str] = {}
    for node in arch.nodes:
        words = (
            ["shared"] if calls[node.layer] > 1 and node.kind not in {"input", "getitem"} else []
        )
        words += ["frozen"] if not node.trainable and node.kind in TRAINABLE else []
        found[node.id] = ", ".join(words)
    return found


def _boxes(picture: _Picture, remarks: Mapping[int, str]) -> Iterator[str]:
    place = picture.place
    for index, box in enumerate(picture.scene.boxes):
        x, y = place.x[index] - BOX / 2, place.tops[place.row[index]]
        if box.note:
            yield from _note(box.note, x, y)
        else:
            yield from _box(box, x, y, remarks, picture.marks)


def _note(text: str, x: float, y: float) -> Iterator[str]:
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{BOX:.0f}" height="{NOTE:.0f}" rx="4" '
        'fill="#ffffff" stroke="#8c959f" stroke-dasharray="3 3"/>'
    )
    yield _label(x + BOX / 2, y + 19, _fitted(text, BOX - 12, 10.5), 10.5, "#57606a", "middle")


def _box(
    box: Box, x: float, y: float, remarks: Mapping[int, str], marks: Mapping[int, str]
) -> Iterator[str]:
    top = y
    marked: list[str] = []
    for index, node in enumerate(box.nodes):
        height = _strip(box, index, marks)
        look = LOOKS.get(marks.get(node.id, ""))
        fill = look.fill if look else TINTS.get(node.kind, "#ffffff")
        yield f"<g><title>{_text(_tip(node), 300)}</title>"
        yield (
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{BOX:.0f}" height="{height:.0f}" '
            f'fill="{fill}"/>'
        )
        yield from _words(node, x, top, height, remarks[node.id], look)
        yield "</g>"
        if index:
            yield f'<path d="M{x:.1f} {top:.1f}h{BOX:.0f}" stroke="#c5ccd3"/>'
        if look:
            marked.append(
                f'<rect x="{x - 1:.1f}" y="{top:.1f}" width="{BOX + 2:.0f}" '
                f'height="{height:.0f}" rx="3" fill="none" '
                f'stroke="{look.line}" stroke-width="3"{look.dashes}/>'
            )
        top += height
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{BOX:.0f}" height="{top - y:.0f}" rx="4" '
        'fill="none" stroke="#8c959f"/>'
    )
    yield from marked


def _words(
    node: Node, x: float, y: float, height: float, remark: str, look: Look | None
) -> Iterator[str]:
    """What a strip says: the layer and its activation,
    its name in the student's words, remarks, the mark.
    """
    fused = activation_text(node)
    what = f"{MERGES[node.kind]} {title(node)}" if node.kind in MERGES else title(node)
    what += f" · {shown(fused, 20)}" if fused else ""
    name = node.path if len(node.path) <= 26 else node.name
    if height == LOW:
        yield _label(x + 8, y + 15, _fitted(what, 110, 11.5), 11.5)
        name = _fitted(name, BOX - 24 - _wide(what, 11.5), 10.5)
        yield _label(x + BOX - 8, y + 15, name, 10.5, "#57606a", "end")
        return
    space = BOX - 16 - (_wide(look.word, 11) + 8 if look else 0)
    yield _label(x + 8, y + 16, _fitted(what, space, 12), 12, weight="bold")
    if look:
        yield _label(x + BOX - 8, y + 16, look.word, 11, look.line, "end", "bold")
    yield _label(x + 8, y + 31, _fitted(name, BOX - 16 - _wide(remark, 10.5), 11), 11, "#57606a")
    if remark:
        yield _label(x + BOX - 8, y + 31, remark, 10.5, "#57606a", "end")


def _tip(node: Node) -> str:
    fused = activation_text(node)
    return (
        f"{node.path}: {title(node)}{f', {fused}' if fused else ''}, "
        f"output {shape_text(node.shape)}"
    )


def _edges(scene: Plan, place: Layout, heights: Sequence[float]) -> Iterator[str]:
    ports = _ports(scene, place)
    for index, (source, target) in enumerate(scene.edges):
        x, y = place.x[source], place.tops[place.row[source]] + heights[source]
        row = place.row[source]
        path = [f"M{x:.1f} {y:.1f}V{place.tops[row] + place.heights[row] + STUB:.1f}"]
        y = place.tops[row] + place.heights[row] + STUB
        for offset, lane in enumerate(place.lanes[index], start=1):
            above = place.tops[row + offset]
            below = above + place.heights[row + offset] + STUB
            middle = (y + above) / 2
            path.append(f"C{x:.1f} {middle:.1f} {lane:.1f} {middle:.1f} {lane:.1f} {above:.1f}")
            path.append(f"V{below:.1f}")
            x, y = lane, below
        end, bottom = ports[index], place.tops[place.row[target]]
        middle = (y + bottom - 6) / 2
        path.append(f"C{x:.1f} {middle:.1f} {end:.1f} {middle:.1f} {end:.1f} {bottom - 6:.1f}")
        yield f'<path d="{"".join(path)}" fill="none" stroke="#57606a" stroke-width="1.4"/>'
        yield f'<path d="M{end - 4:.1f} {bottom - 7:.1f}h8l-4 7z" fill="#57606a"/>'


def _ports(scene: Plan, place: Layout) -> list[float]:
    """Where each edge enters its box: beside the others, in the order in which they come in."""
    ports = [0.0] * len(scene.edges)
    entering: dict[int, list[int]] = {}
    for index, (_, target) in enumerate(scene.edges):
        entering.setdefault(target, []).append(index)
    for target, indices in entering.items():
        indices.sort(key=lambda i: (place.lanes[i] or (place.x[scene.edges[i][0]],))[-1])
        step = min(24.0, 0.8 * BOX / len(indices))
        for number, index in enumerate(indices):
            ports[index] = place.x[target] + step * (number - (len(indices) - 1) / 2)
    return ports


def _shapes(
    scene: Plan, place: Layout, heights: Sequence[float], arch: Architecture
) -> Iterator[str]:
    """Under each box the shape of what leaves it; the model's outputs are named."""
    used = {source for source, _ in scene.edges}
    names = dict(zip(arch.outputs, arch.output_names, strict=False)) or dict.fromkeys(
        arch.outputs, ""
    )
    for index, box in enumerate(scene.boxes):
        if box.note:
            continue
        last = box.nodes[-1]
        text = shape_text(last.shape)
        if last.id in arch.outputs:
            text = (
                f"output {text}"
                if len(arch.outputs) == 1
                else f"output {shown(names.get(last.id, ''), 20)} {text}"
            )
        elif index not in used:
            text += " (not used)"
        below = place.tops[place.row[index]] + heights[index]
        yield _label(place.x[index] + 7, below + 14, text, 11, halo=True)


def _frames(scene: Plan, place: Layout) -> Iterator[str]:
    for frame in scene.frames:
        rows = [place.row[i] for i in range(frame.first, frame.last + 1)]
        top = place.tops[min(rows)] - 13
        bottom = place.tops[max(rows)] + place.heights[max(rows)] + STUB + 2
        yield (
            f'<rect x="-9" y="{top:.1f}" '
            f'width="{place.width + 18:.1f}" height="{bottom - top:.1f}" rx="8" '
            'fill="#fafbfc" stroke="#57606a" stroke-dasharray="6 4"/>'
        )
        yield _label(
            place.width + 15, (top + bottom) / 2 + 5, f"{frame.times} ×", 15, weight="bold"
        )


def _legend(used: Sequence[str], y: float) -> Iterator[str]:
    for number, mark in enumerate(used):
        look = LOOKS[mark]
        x = MARGIN + 92 * number
        yield (
            f'<rect x="{x:.0f}" y="{y - 11:.0f}" width="14" height="14" rx="3" fill="{look.fill}" '
            f'stroke="{look.line}" stroke-width="2"{look.dashes}/>'
        )
        yield _label(x + 20, y, look.word, 11, look.line, weight="bold")


def _summary(arch: Architecture, marks: Mapping[int, str]) -> str:
    """The picture in words."""
    ins = ", ".join(shape_text(arch.node(i).shape) for i in arch.inputs)
    outs = ", ".join(shape_text(arch.node(i).shape) for i in arch.outputs)
    said = [f"{len(arch.nodes)} layers from {ins} to {outs}."]
    for mark in LOOKS:
        named = [_tip(node) for node in arch.nodes if marks.get(node.id) == mark]
        if named:
            said.append(f"{mark.capitalize()}: {'; '.join(named[:10])}.")
    return " ".join(said)


def _label(
    x: float,
    y: float,
    text: str,
    size: float,
    colour: str = "",
    anchor: str = "",
    weight: str = "",
    halo: bool = False,
) -> str:
    extra = f' fill="{colour}"' if colour else ""
    extra += f' text-anchor="{anchor}"' if anchor else ""
    extra += f' font-weight="{weight}"' if weight else ""
    extra += ' stroke="#ffffff" stroke-width="3" paint-order="stroke"' if halo else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{extra}>{_text(text, 200)}</text>'


def _fitted(text: str, space: float, size: float) -> str:
    """As much of a text as fits, by a cautious guess at the width of its letters."""
    text = shown(text, 200)
    if _wide(text, size) <= space:
        return text
    while text and _wide(text + "…", size) > space:
        text = text[:-1]
    return text + "…" if text else ""


def _wide(text: str, size: float) -> float:
    return (
        sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.58 for letter in text) * size
    )


def _text(text: object, width: int) -> str:
    return escape(shown(text, width))
