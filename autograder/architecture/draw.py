"""A model as an inline SVG picture, top to bottom, some of its layers marked as found, wrong or
missing, and what it lacks dashed where that belongs.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from autograder.architecture.folding import LIGHT, Box, Plan, Row, listed_kinds, plan
from autograder.architecture.kinds import CONVOLUTIONS, NORMS
from autograder.architecture.layout import Layout, lay_out
from autograder.architecture.missing import Missing
from autograder.architecture.node import Architecture
from autograder.architecture.text import activation_text, shape_text, shown, title

PAGE = 900  # width of the column in which a picture stands
BOXES = (
    280.0,
    240.0,
    212.0,
    180.0,
    150.0,
)  # widths of a box, the widest that the page has room for
HIGH, LOW = 38.0, 22.0  # heights of a row of two lines and of one
LARGE, SMALL = 12.0, 11.0  # sizes of letters
BETWEEN, STUB = 42.0, 19.0  # rows of boxes; what of it lies beside a shape
MARGIN = 14.0
NARROW = 330.0  # to which a caption may widen a picture
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
    box: float  # width of each box
    heights: Sequence[float]  # of each box
    place: Layout
    marks: Mapping[int, str]
    remarks: Mapping[int, str]

    @property
    def used(self) -> list[str]:
        """The marks that occur, in their order."""
        lacks = self.scene.lacking or any(box.missing for box in self.scene.boxes)
        occurring = {*self.marks.values(), *(["missing"] if lacks else [])}
        return [mark for mark in LOOKS if mark in occurring]

    @property
    def edges(self) -> list[tuple[int, int]]:
        """All edges in the order in which they were laid out, those that are missing last."""
        return [*self.scene.edges, *self.scene.lacking]

    @property
    def width(self) -> float:
        beside = 44.0 if self.scene.frames else 0.0
        return max(self.place.width + beside, NARROW) + 2 * MARGIN

    @property
    def foot(self) -> float:
        """Where the legend stands below the boxes, if there is one."""
        return 26.0 if self.used else 0.0

    @property
    def height(self) -> float:
        return self.place.height + 2 * MARGIN + BELOW + self.foot


def draw(
    arch: Architecture,
    marks: Mapping[int, str] | None = None,
    caption: str = "",
    missing: Iterable[Missing] = (),
) -> str:
    """The model as an <svg> element; `marks` gives "found", "wrong" or "missing" for ids of nodes,
    `missing` is drawn dashed where it belongs.

    Self-contained and free of ids, styles and scripts, so any number of pictures can stand in one
    page. Layers in a plain row share a box. In larger models repeated blocks are drawn once, with
    their number, and what is far from all marks is a note.
    """
    marks = {number: mark for number, mark in (marks or {}).items() if mark in LOOKS}
    scene = plan(arch, marks, missing)
    picture = _laid_out(scene, marks, _remarks(arch))
    lines = list(_lines(caption, picture.width - 2 * MARGIN, 14))
    head = 18.0 * len(lines) + (8.0 if lines else 0.0)
    return "".join([
        *_frame(picture, head, _summary(arch, picture), caption or arch.name),
        *(_label(MARGIN, 24.0 + 18.0 * i, line, 14, weight="bold") for i, line in enumerate(lines)),
        f'<g transform="translate({MARGIN:.0f} {MARGIN + head:.0f})">',
        *_frames(scene, picture.place),
        *_edges(picture),
        *_shapes(picture, arch),
        *_boxes(picture),
        "</g>",
        *_legend(picture.used, picture.height + head - 14.0),
        "</svg>",
    ])  # fmt: skip


def _laid_out(scene: Plan, marks: Mapping[int, str], remarks: Mapping[int, str]) -> _Picture:
    """The picture with boxes as wide as the page has room for, and no wider than what they say."""
    look = LOOKS["missing"].word
    needed = [
        *(_needed(row, remarks) for box in scene.boxes for row in box.rows),
        *(_wide(box.note, SMALL) + 14 for box in scene.boxes if box.note),
        *(_wide(f"{b.missing} {look}", LARGE) + 18 for b in scene.boxes if b.missing),
    ]
    widest = min(max(*needed, BOXES[-1]), BOXES[0])
    for box in (widest, *(width for width in BOXES if width < widest)):
        heights = [sum(_height(row, box, marks, remarks) for row in b.rows) or LOW + 4
                   for b in scene.boxes]  # fmt: skip
        edges = [*scene.edges, *scene.lacking]
        place = lay_out([box] * len(heights), heights, edges, BETWEEN)
        picture = _Picture(scene, box, heights, place, marks, remarks)
        if picture.width <= PAGE:
            break
    return picture


def _frame(picture: _Picture, head: float, words: str, name: str) -> Iterator[str]:
    """The start of the element: its size, its words and the paper."""
    width, height = picture.width, picture.height + head
    scale = min(1.0, max(PAGE / width, 0.6))
    yield (
        '<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'font-family="{escape(FONT)}" fill="#1f2328" '
        f'width="{width * scale:.0f}" height="{height * scale:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">'
    )
    yield f"<title>{_text(name, 200)}</title>"
    yield f"<desc>{_text(words, 2000)}</desc>"
    yield f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>'


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


def _needed(row: Row, remarks: Mapping[int, str]) -> float:
    """How wide a box is in which all that a row says stands in one line."""
    what, name = _said(row)
    return _wide(what, LARGE) + _wide(name, SMALL) + _wide(_remark(row, remarks), SMALL) + 34


def _height(row: Row, box: float, marks: Mapping[int, str], remarks: Mapping[int, str]) -> float:
    """Two lines for what does not fit into one; the word of a mark stands in the first of them."""
    marked = any(node.id in marks for node in row)
    return HIGH if marked or _needed(row, remarks) > box else LOW


def _said(row: Row) -> tuple[str, str]:
    """What the layer of a row is, with its activation, and its name; of many, what they are."""
    if len(row) > 1:
        return f"… {len(row)} more: {listed_kinds(row)}", ""
    node = row[0]
    fused = activation_text(node)
    what = f"{MERGES[node.kind]} {title(node)}" if node.kind in MERGES else title(node)
    what += f" {shape_text(node.shape)}" if node.kind == "input" else ""
    what += f" · {shown(fused, 20)}" if fused else ""
    return what, shown(node.path if len(node.path) <= 26 else node.name, 60)


def _remark(row: Row, remarks: Mapping[int, str]) -> str:
    return remarks[row[0].id] if len(row) == 1 else ""


def _boxes(picture: _Picture) -> Iterator[str]:
    place = picture.place
    for index, box in enumerate(picture.scene.boxes):
        x, y = place.x[index] - picture.box / 2, place.tops[place.row[index]]
        if box.note:
            yield from _note(box.note, x, y, picture.box)
        elif box.missing:
            yield from _absent(box.missing, x, y, picture.box)
        else:
            yield from _box(box, x, y, picture)


def _note(text: str, x: float, y: float, width: float) -> Iterator[str]:
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.0f}" height="{LOW + 4:.0f}" rx="4" '
        'fill="#ffffff" stroke="#8c959f" stroke-dasharray="3 3"/>'
    )
    text = _fitted(text, width - 12, SMALL)
    yield _label(x + width / 2, y + 17, text, SMALL, "#57606a", "middle")


def _absent(word: str, x: float, y: float, width: float) -> Iterator[str]:
    """A layer that is missing."""
    look = LOOKS["missing"]
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.0f}" height="{LOW + 4:.0f}" rx="4" '
        f'fill="{look.fill}" stroke="{look.line}" stroke-width="2.5"{look.dashes}/>'
    )
    said = _fitted(word, width - 24 - _wide(look.word, SMALL), LARGE)
    yield _label(x + 8, y + 17, said, LARGE, look.line, weight="bold")
    yield _label(x + width - 8, y + 17, look.word, SMALL, look.line, "end", "bold")


def _box(box: Box, x: float, y: float, picture: _Picture) -> Iterator[str]:
    top, width = y, picture.box
    marked: list[str] = []
    for index, row in enumerate(box.rows):
        height = _height(row, width, picture.marks, picture.remarks)
        look = LOOKS.get(picture.marks.get(row[0].id, ""))
        fill = look.fill if look else TINTS.get(row[0].kind, "#ffffff") if len(row) == 1 else "#fff"
        yield f"<g><title>{_text(_tip(row), 300)}</title>"
        yield (
            f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.0f}" height="{height:.0f}" '
            f'fill="{fill}"/>'
        )
        yield from _words(row, x, top, height, picture)
        yield "</g>"
        if index:
            yield f'<path d="M{x:.1f} {top:.1f}h{width:.0f}" stroke="#c5ccd3"/>'
        if look:
            marked.append(
                f'<rect x="{x - 1:.1f}" y="{top:.1f}" width="{width + 2:.0f}" '
                f'height="{height:.0f}" rx="3" fill="none" '
                f'stroke="{look.line}" stroke-width="3"{look.dashes}/>'
            )
        top += height
    yield (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.0f}" height="{top - y:.0f}" rx="4" '
        'fill="none" stroke="#8c959f"/>'
    )
    yield from marked


def _words(row: Row, x: float, y: float, height: float, picture: _Picture) -> Iterator[str]:
    """What a row says: the layer and its activation, its name in the student's words, remarks, the
    mark.
    """
    (what, name), remark, width = _said(row), _remark(row, picture.remarks), picture.box
    look = LOOKS.get(picture.marks.get(row[0].id, ""))
    weight = "" if row[0].kind in LIGHT or len(row) > 1 else "bold"
    if height == LOW:
        aside = ", ".join(filter(None, (name, remark)))
        yield _label(x + 8, y + 15, _fitted(what, width - 16, LARGE), LARGE, weight=weight)
        yield _label(x + width - 8, y + 15, aside, SMALL, "#57606a", "end")
        return
    space = width - 16 - (_wide(look.word, SMALL) + 8 if look else 0)
    yield _label(x + 8, y + 16, _fitted(what, space, LARGE), LARGE, weight=weight)
    if look:
        yield _label(x + width - 8, y + 16, look.word, SMALL, look.line, "end", "bold")
    name = _fitted(name, width - 22 - _wide(remark, SMALL), SMALL)
    yield _label(x + 8, y + 31, name, SMALL, "#57606a")
    if remark:
        yield _label(x + width - 8, y + 31, remark, SMALL, "#57606a", "end")


def _tip(row: Row) -> str:
    if len(row) > 1:
        return ", ".join(node.path for node in row)
    node = row[0]
    fused = activation_text(node)
    return (
        f"{node.path}: {title(node)}{f', {fused}' if fused else ''}, "
        f"output {shape_text(node.shape)}"
    )


def _edges(picture: _Picture) -> Iterator[str]:
    scene, place, ports = picture.scene, picture.place, _ports(picture)
    words = [None] * len(scene.edges) + list(scene.lacking.values())
    for index, (source, target) in enumerate(picture.edges):
        x, y = place.x[source], place.tops[place.row[source]] + picture.heights[source]
        row, word = place.row[source], words[index]
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
        line, look = "#57606a", 'stroke-width="1.4"'
        if word is not None:
            line = LOOKS["missing"].line
            look = f'stroke-width="2.5"{LOOKS["missing"].dashes}'
        yield f'<path d="{"".join(path)}" fill="none" stroke="{line}" {look}/>'
        yield f'<path d="M{end - 4:.1f} {bottom - 7:.1f}h8l-4 7z" fill="{line}"/>'
        if word:
            yield _along(picture, index, word)


def _along(picture: _Picture, index: int, word: str) -> str:
    """The word of a connection that is missing, along its lane, or beside it where it is short."""
    place, (source, target), look = picture.place, picture.edges[index], LOOKS["missing"]
    word = f"? {word}"
    lanes, row = place.lanes[index], place.row[source]
    if not lanes:
        x = (place.x[source] + place.x[target]) / 2 + 8
        y = place.tops[place.row[target]] - 10
        return _label(x, y, word, SMALL, look.line, weight="bold", halo=True)
    x, top = lanes[len(lanes) // 2], place.tops[row + 1]
    bottom = place.tops[row + len(lanes)] + place.heights[row + len(lanes)]
    turned = f"rotate(-90 {x + 4:.1f} {(top + bottom) / 2:.1f})"
    return _label(
        x + 4,
        (top + bottom) / 2,
        word,
        SMALL,
        look.line,
        "middle",
        "bold",
        halo=True,
        turned=turned,
    )


def _ports(picture: _Picture) -> list[float]:
    """Where each edge enters its box: beside the others, in the order in which they come in."""
    place, edges = picture.place, picture.edges
    ports = [0.0] * len(edges)
    entering: dict[int, list[int]] = {}
    for index, (_, target) in enumerate(edges):
        entering.setdefault(target, []).append(index)
    for target, indices in entering.items():
        indices.sort(key=lambda i: (place.lanes[i] or (place.x[edges[i][0]],))[-1])
        step = min(24.0, 0.8 * picture.box / len(indices))
        for number, index in enumerate(indices):
            ports[index] = place.x[target] + step * (number - (len(indices) - 1) / 2)
    return ports


def _shapes(picture: _Picture, arch: Architecture) -> Iterator[str]:
    """Under each box the shape of what leaves it; the model's outputs are named."""
    scene, place = picture.scene, picture.place
    used = {source for source, _ in scene.edges}
    names = dict(zip(arch.outputs, arch.output_names, strict=False)) or dict.fromkeys(
        arch.outputs, ""
    )
    for index, box in enumerate(scene.boxes):
        if not box.rows:
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
        below = place.tops[place.row[index]] + picture.heights[index]
        yield _label(place.x[index] + 7, below + 14, text, SMALL, halo=True)


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


def _summary(arch: Architecture, picture: _Picture) -> str:
    """The picture in words."""
    ins = ", ".join(shape_text(arch.node(i).shape) for i in arch.inputs)
    outs = ", ".join(shape_text(arch.node(i).shape) for i in arch.outputs)
    said = [f"{len(arch.nodes)} layers from {ins} to {outs}."]
    for mark in LOOKS:
        named = [_tip((node,)) for node in arch.nodes if picture.marks.get(node.id) == mark]
        if named:
            said.append(f"{mark.capitalize()}: {'; '.join(named[:10])}.")
    if lacks := [_lack(arch, one) for one in picture.scene.missing]:
        said.append(f"Not there: {'; '.join(lacks[:10])}.")
    return " ".join(said)


def _lack(arch: Architecture, one: Missing) -> str:
    after = " and ".join(arch.node(number).name for number in one.after)
    before = "" if one.before is None else f" before {arch.node(one.before).name}"
    way = f"from {after} to {arch.node(one.before).name}" if one.before is not None else ""
    return f"{one.word} after {after}{before}" if one.layer else f"{one.word} {way}"


def _label(
    x: float,
    y: float,
    text: str,
    size: float,
    colour: str = "",
    anchor: str = "",
    weight: str = "",
    halo: bool = False,
    turned: str = "",
) -> str:
    extra = f' fill="{colour}"' if colour else ""
    extra += f' text-anchor="{anchor}"' if anchor else ""
    extra += f' font-weight="{weight}"' if weight else ""
    extra += ' stroke="#ffffff" stroke-width="3" paint-order="stroke"' if halo else ""
    extra += f' transform="{turned}"' if turned else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}"{extra}>{_text(text, 200)}</text>'


def _lines(text: str, space: float, size: float) -> Iterator[str]:
    """A text in lines that fit, four at most."""
    line, lines = "", 1
    for word in shown(text, 200).split():
        longer = f"{line} {word}".strip()
        if line and lines < 4 and _wide(longer, size) > space:
            yield _fitted(line, space, size)
            line, lines = word, lines + 1
        else:
            line = longer
    if line:
        yield _fitted(line, space, size)


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
