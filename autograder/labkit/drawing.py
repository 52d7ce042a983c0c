"""Networks as pictures: boxes from top to bottom, skips as arcs,
as SVG for notebooks. No graphviz needed.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from .graph import Call, history, maker

_WIDTH, _HEIGHT, _DOWN, _ACROSS, _MARGIN = 236, 40, 64, 256, 16
_Place = tuple[int, int]  # row and column
_STYLE = "font-family:system-ui,sans-serif;font-size:12px"


@dataclass(frozen=True)
class Box:
    """One box of a drawing: what is done, a small second line,
    and the boxes that it reads (their positions).
    """

    text: str
    detail: str
    inputs: tuple[int, ...]


@dataclass(frozen=True)
class Drawing:
    """A picture of a network; notebooks show it by themselves."""

    boxes: tuple[Box, ...]
    title: str

    def __repr__(self) -> str:
        """The same as lines of text, for terminals and screen readers."""
        lines = [
            f"{number}. {box.text}"
            + (f" [{box.detail}]" if box.detail else "")
            + (" ← " + ", ".join(str(before + 1) for before in box.inputs) if box.inputs else "")
            for number, box in enumerate(self.boxes, 1)
        ]
        return "\n".join([self.title, *lines])

    def _repr_svg_(self) -> str:
        return _svg(self)


def draw_model(model: Any, title: str | None = None) -> Drawing:
    """A picture of a Keras model; batch norm and activations stand
    in the box of the layer before them.
    """
    calls = history(maker(tensor) for tensor in model.outputs)
    readers = Counter(id(before.node) for call in calls for before in call.inputs)
    boxes: list[Box] = []
    place: dict[int, int] = {}
    for call in calls:
        before = tuple(place[id(one.node)] for one in call.inputs)
        words = _words(call)
        if len(before) == 1 and _is_small(call) and readers[id(call.inputs[0].node)] == 1:
            host = boxes[before[0]]
            boxes[before[0]] = Box(f"{host.text} · {words}", _detail(call), host.inputs)
            place[id(call.node)] = before[0]
        else:
            place[id(call.node)] = len(boxes)
            boxes.append(Box(words, _detail(call), before))
    count = f"{model.count_params():,} parameters"
    return Drawing(tuple(boxes), f"{title or model.name}: {count}")


def sketch(title: str, *ways: str) -> Drawing:
    """A picture from words: `sketch("a block", "x → convolution → +", "x → +")`;
    equal words are the same box.
    """
    inputs: dict[str, list[str]] = {}
    for way in ways:
        stops = [stop.strip() for stop in way.split("→")]
        for stop in stops:
            inputs.setdefault(stop, [])
        for before, after in itertools.pairwise(stops):
            inputs[after].append(before)
    order = _inputs_first(inputs)
    return Drawing(
        tuple(Box(stop, "", tuple(order.index(one) for one in inputs[stop])) for stop in order),
        title,
    )


def _inputs_first(inputs: Mapping[str, Sequence[str]]) -> list[str]:
    """The stops of ways, each after those that lead to it."""
    order: list[str] = []
    waiting = list(inputs)
    while waiting:
        ready = [stop for stop in waiting if set(inputs[stop]) <= set(order)]
        if not ready:
            raise ValueError(f"these ways go in a circle: {', '.join(waiting)}")
        waiting.remove(ready[0])
        order.append(ready[0])
    return order


def _is_small(call: Call) -> bool:
    kind = type(call.operation).__name__
    return kind in {
        "BatchNormalization",
        "Activation",
        "ReLU",
        "Relu",
        "Dropout",
        "Softmax",
        "Sigmoid",
    }


def _words(call: Call) -> str:
    """What the call does: kind, window, filters, strides, activation."""
    kind = type(call.operation).__name__
    if kind == "InputLayer":
        return "Input"
    if kind in {"Functional", "Sequential"}:
        return f"{kind} model, {len(call.operation.layers)} layers"
    text = {"BatchNormalization": "BN", "Relu": "ReLU", "Activation": ""}.get(kind, kind)
    text += _sizes(call)
    activation = getattr(call.setting("activation"), "__name__", "linear")
    if activation != "linear" and kind != "ReLU":
        text += f" {activation}" if text else activation
    return text or kind


def _sizes(call: Call) -> str:
    """Window, filters or units, and strides, where the layer has them: " 3×3, 16 /2"."""
    text = ""
    window = call.setting("kernel_size") or call.setting("pool_size")
    if isinstance(window, tuple):
        text += " " + "×".join(map(str, window))
    units = call.setting("filters") or call.setting("units")
    text += f", {units}" if units else ""
    strides = call.setting("strides")
    if strides not in (None, 1, (1, 1)):
        text += f" /{strides[0] if isinstance(strides, tuple) else strides}"
    return text


def _detail(call: Call) -> str:
    shape = "×".join("?" if size is None else str(size) for size in call.shape)
    name = call.name if len(call.name) <= 24 else call.name[:23] + "…"
    return f"{name} · {shape}"


def _svg(drawing: Drawing) -> str:
    places = _places(drawing.boxes)
    spans = [
        (places[before], places[after])
        for after, box in enumerate(drawing.boxes)
        for before in dict.fromkeys(box.inputs)
    ]
    left = _MARGIN + _room_for_arcs(spans)
    corner = {place: (left + _ACROSS * place[1], 34 + _DOWN * place[0]) for place in places}
    width = max(
        left + _ACROSS * max(column for _, column in places) + _WIDTH + _MARGIN,
        8 * len(drawing.title) + 32,
    )
    height = 34 + _DOWN * max(row for row, _ in places) + _HEIGHT + _MARGIN
    parts = [
        _edge(corner[above], corner[below], _is_skip(above, below), below[0] - above[0])
        for above, below in spans
    ]
    parts += [_box(box, corner[place]) for box, place in zip(drawing.boxes, places, strict=True)]
    title = escape(drawing.title)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="{title}" '
        f'style="max-width:100%;{_STYLE}"><title>{title}</title>'
        f"<desc>{escape(repr(drawing))}</desc>"
        '<rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{_MARGIN}" y="20" font-weight="600" fill="#222">{title}</text>'
        f"{''.join(parts)}</svg>"
    )


def _room_for_arcs(spans: Sequence[tuple[_Place, _Place]]) -> int:
    """How far the arcs of skips reach out to the left of their boxes."""
    longest = max(
        (below[0] - above[0] for above, below in spans if _is_skip(above, below)), default=0
    )
    return 24 + 9 * min(longest, 16) if longest else 0


def _places(boxes: tuple[Box, ...]) -> list[_Place]:
    """Row and column of each box: rows by the longest way from an input,
    columns so that ways run straight down.
    """
    rows: list[int] = []
    for box in boxes:
        rows.append(1 + max((rows[before] for before in box.inputs), default=-1))
    return list(zip(rows, _columns(boxes, rows), strict=True))


def _columns(boxes: tuple[Box, ...], rows: list[int]) -> list[int]:
    """A box stands below one that it reads, if nothing is in between; else in a free column."""
    end = _last_readers(boxes, rows)
    column: dict[int, int] = {}
    grid = _Grid()
    continued: set[int] = set()
    for me in _main_way_first(boxes, rows):
        parents = sorted(
            (before for before in boxes[me].inputs if before in column), key=lambda one: -rows[one]
        )
        last = max(rows[me], end[me] - 1)
        heir_of = next(
            (one for one in parents if one not in continued and grid.free(column[one], rows[me])),
            None,
        )
        if heir_of is None:
            first = min((rows[one] + 1 for one in parents), default=rows[me])
            column[me] = grid.free_column(first, last)
        else:
            continued.add(heir_of)
            column[me] = column[heir_of]
        grid.take(column[me], rows[me], last)
    return [column[me] for me in range(len(boxes))]


def _last_readers(boxes: tuple[Box, ...], rows: list[int]) -> list[int]:
    """For each box the lowest row of those that read it; its own where none does."""
    return [
        max((rows[after] for after, box in enumerate(boxes) if me in box.inputs), default=rows[me])
        for me in range(len(boxes))
    ]


def _main_way_first(boxes: tuple[Box, ...], rows: list[int]) -> list[int]:
    """The longest way from the last box back to an input, then everything else in order."""
    way = [max(range(len(boxes)), key=rows.__getitem__)]
    while boxes[way[-1]].inputs:
        way.append(max(boxes[way[-1]].inputs, key=rows.__getitem__))
    return way[::-1] + [me for me in range(len(boxes)) if me not in way]


class _Grid:
    """Which rows of each column boxes, and the ways below them, occupy."""

    def __init__(self) -> None:
        self._taken: dict[int, list[tuple[int, int]]] = {}

    def free(self, column: int, first: int, last: int | None = None) -> bool:
        last = first if last is None else max(first, last)
        return all(last < low or first > high for low, high in self._taken.get(column, []))

    def free_column(self, first: int, last: int) -> int:
        return next(column for column in itertools.count() if self.free(column, first, last))

    def take(self, column: int, row: int, last: int) -> None:
        """A box takes its row and, except in the main way's column, those down to `last`."""
        self._taken.setdefault(column, []).append((row, row if column == 0 else last))


def _is_skip(above: _Place, below: _Place) -> bool:
    return above[1] == below[1] and below[0] - above[0] > 1


def _edge(above: tuple[int, int], below: tuple[int, int], skip: bool, rows: int) -> str:
    if skip:
        x, y, far = above[0], above[1] + _HEIGHT // 2, below[1] + _HEIGHT // 2
        bulge = x - 18 - 9 * min(rows, 16)
        path = f"M{x} {y} C{bulge} {y} {bulge} {far} {x - 5} {far}"
        head = f"M{x - 7} {far - 4} L{x} {far} L{x - 7} {far + 4}"
    else:
        x, y = above[0] + _WIDTH // 2, above[1] + _HEIGHT
        to_x, to_y = below[0] + _WIDTH // 2, below[1]
        if below[0] >= above[0]:  # bend at the upper box, then straight down
            turn = y + _DOWN - _HEIGHT
            path = f"M{x} {y} C{x} {turn} {to_x} {y} {to_x} {turn} L{to_x} {to_y - 5}"
        else:  # straight down, then bend at the lower box
            turn = to_y - (_DOWN - _HEIGHT)
            path = f"M{x} {y} L{x} {turn} C{x} {to_y} {to_x} {turn} {to_x} {to_y - 5}"
        head = f"M{to_x - 4} {to_y - 7} L{to_x} {to_y} L{to_x + 4} {to_y - 7}"
    colour = "#b3541e" if skip else "#667"
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        f'<path d="{head}" fill="{colour}"/>'
    )


def _box(box: Box, at: tuple[float, float]) -> str:
    x, y = at
    text = box.text if len(box.text) <= 38 else box.text[:37] + "…"
    centred = f'<text x="{x + _WIDTH // 2}" text-anchor="middle"'
    lines = f'{centred} y="{y + (17 if box.detail else 25)}" fill="#222">{escape(text)}</text>'
    if box.detail:
        lines += f'{centred} y="{y + 32}" fill="#555" font-size="10.5">{escape(box.detail)}</text>'
    frame = f'width="{_WIDTH}" height="{_HEIGHT}" rx="6" fill="{_colour(box.text)}" stroke="#99a"'
    return f'<rect x="{x}" y="{y}" {frame}/>{lines}'


def _colour(text: str) -> str:
    """Merges orange, convolutions blue, pooling and resizing green, the rest grey."""
    low = text.lower()
    if low.startswith(("add", "+", "concat", "multiply")):
        return "#fde3cf"
    if "conv" in low or "1×1" in low or ("3×3" in low and "pool" not in low):
        return "#dfeafa"
    if any(word in low for word in ("pool", "sampl", "halve", "double")):
        return "#ddf1de"
    return "#f1f1f4"
