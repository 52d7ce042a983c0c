"""What of a model is drawn: plain runs in one box, repeated blocks once, the rest of a giant as a
note, and what is missing where it belongs.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.architecture.missing import Missing
from autograder.architecture.node import Architecture, Node
from autograder.architecture.text import activation_text, title

FEW = (
    12  # so many boxes are drawn as they are; in more, what is far from what is at issue is a note
)
DRAWABLE = 240  # so many at most where nothing is
LONG = 12  # so many layers of a box are drawn as they are
LIGHT = frozenset({"bn", "ln", "gn", "unitnorm", "act", "dropout", "identity"})
BESIDE = 2  # of a longer one, those at its ends and so many beside what is at issue

Edge = tuple[int, int]
Row = tuple[Node, ...]


@dataclass(frozen=True)
class Box:
    """Layers drawn as one box, a row each, or in one row where they are only named; or a note about
    layers that aren't drawn; or a layer that is missing.
    """

    rows: tuple[Row, ...]
    note: str = ""
    missing: str = ""

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Its layers, from top to bottom."""
        return tuple(node for row in self.rows for node in row)


@dataclass(frozen=True)
class Frame:
    """A run of boxes that stands for several equal ones."""

    first: int
    last: int
    times: int


@dataclass(frozen=True)
class Plan:
    """Boxes in topological order, edges between their places in it (one for each tensor), and
    frames.
    """

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    frames: tuple[Frame, ...] = ()
    # connections that are missing, and what they are called
    lacking: Mapping[Edge, str] = dataclasses.field(default_factory=dict)
    missing: tuple[Missing, ...] = ()  # what of all that is missing is drawn


def plan(arch: Architecture, marks: Mapping[int, str], missing: Iterable[Missing] = ()) -> Plan:
    """What to draw of a model: everything where it is small; beyond, repeated blocks once, and far
    from what is at issue the rest as notes.
    """
    lacks = _placeable(arch, missing)
    ends = {number for one in lacks for number in one.after}
    starts = {one.before for one in lacks if one.before is not None}
    issue = frozenset(marks.keys() | ends | starts)
    whole = _with_missing(_boxes(arch, ends, starts, issue), lacks)
    if len(whole.boxes) <= FEW:
        return whole
    folded = _folded(whole, issue)
    limit = FEW if issue else DRAWABLE
    if len(folded.boxes) > limit:
        folded = _summed_up(folded, issue, limit)
    return _cut_off(folded, issue) if len(folded.boxes) > DRAWABLE else folded


def _placeable(arch: Architecture, missing: Iterable[Missing]) -> list[Missing]:
    """What is missing, each thing once, where it can be drawn: nothing that would lead back. What
    is missing on a way with other layers belongs right before its end.
    """
    known = {node.id for node in arch.nodes}
    placed: dict[Missing, None] = {}
    for one in missing:
        if not known.issuperset(one.after) or one.before not in {None, *known}:
            continue
        if one.before is not None:
            inputs, place = arch.node(one.before).inputs, arch.position(one.before)
            if any(arch.position(number) >= place for number in one.after):
                continue
            if one.layer and len(one.after) == 1 and len(inputs) == 1:
                placed[dataclasses.replace(one, after=inputs)] = None
                continue
        placed[one] = None
    return list(placed)


def _boxes(
    arch: Architecture, ends: set[int], starts: set[int], issue: frozenset[int]
) -> list[Box]:
    """A layer stands in one box with the one before it where nothing else reads that one, and where
    nothing is missing between.
    """
    chains: dict[int, list[Node]] = {}
    for node in arch.nodes:
        joins = len(node.inputs) == 1 and node.id not in starts and node.inputs[0] not in ends
        if joins and _leads_only_to(arch, node.inputs[0]):
            chains[node.id] = chains[node.inputs[0]]
            chains[node.id].append(node)
        else:
            chains[node.id] = [node]
    return [Box(_rows(chains[n.id], issue)) for n in arch.nodes if chains[n.id][0] is n]


def _leads_only_to(arch: Architecture, number: int) -> bool:
    return len(arch.children(arch.node(number))) == 1 and number not in arch.outputs


def _rows(nodes: Sequence[Node], issue: frozenset[int]) -> tuple[Row, ...]:
    """A row for each layer; in a long run, one for all of those that are far from what is at
    issue.
    """
    if len(nodes) <= LONG:
        return tuple((node,) for node in nodes)
    shown = [0, len(nodes) - 1, *(i for i, node in enumerate(nodes) if node.id in issue)]
    near = {i + step for i in shown for step in range(-BESIDE, BESIDE + 1)}
    rows: list[Row] = []
    for place, node in enumerate(nodes):
        if place not in near and place - 1 not in near:
            rows[-1] = (*rows[-1], node)
        else:
            rows.append((node,))
    return tuple(rows)


def _with_missing(boxes: Sequence[Box], missing: Sequence[Missing]) -> Plan:
    """The boxes, those of missing layers among them, and all edges. What flows where a layer is
    missing flows through its box; any other way to or from it is missing as well.
    """
    known = {box.nodes[0].id: box for box in boxes}
    home = {node.id: key for key, box in known.items() for node in box.nodes}
    order = list(known)
    edges = [(home[source], key) for key in order for source in known[key].nodes[0].inputs]
    lacking: dict[Edge, str] = {}
    inserted: dict[Edge, int] = {}  # between two boxes: the box that now leads to the second
    for number, one in enumerate(missing, start=1):
        after = [home[source] for source in one.after]
        if not one.layer:
            if one.before is not None:
                lacking[after[0], home[one.before]] = one.word
            continue
        new = min(home) - number
        known[new] = Box((), missing=one.word)
        following = (
            {b for a, b in edges if a in after} if one.before is None else {home[one.before]}
        )
        order.insert(min([order.index(b) for b in following], default=len(order)), new)
        ends = [inserted.get((a, b), a) for b in following for a in after] or after
        crossed = {edge for edge in edges if edge[0] in ends and edge[1] in following}
        edges = [(new, edge[1]) if edge in crossed else edge for edge in edges]
        passing = {a for a, _ in crossed} if following else {after[-1]}
        edges += [(a, new) for a in dict.fromkeys(ends) if a in passing]
        lacking.update({(a, new): "" for a in ends if a not in passing})
        lacking.update({(new, b): "" for b in following if (new, b) not in edges})
        inserted.update({(a, b): new for a in after for b in following})
    place = {key: number for number, key in enumerate(order)}
    return Plan(
        tuple(known[key] for key in order),
        tuple((place[a], place[b]) for a, b in edges),
        lacking={(place[a], place[b]): word for (a, b), word in lacking.items()},
        missing=tuple(missing),
    )


def _segments(scene: Plan) -> list[range]:
    """Runs of boxes that each end with one that no edge jumps over."""
    jumps = [0] * (len(scene.boxes) + 1)
    for source, target in (*scene.edges, *scene.lacking):
        if target > source + 1:
            jumps[source + 1] += 1
            jumps[target] -= 1
    segments, start, over = [], 0, 0
    for place in range(len(scene.boxes)):
        over += jumps[place]
        if over == 0:
            segments.append(range(start, place + 1))
            start = place + 1
    return segments


def _folded(scene: Plan, issue: frozenset[int]) -> Plan:
    """The scene with each run of equal segments drawn once."""
    segments = _segments(scene)
    sources: dict[int, list[int]] = {}
    for source, target in scene.edges:
        sources.setdefault(target, []).append(source)
    signs = [_signature(scene, segment, sources, issue) for segment in segments]
    kept: list[int] = []
    # the end of a block that isn't drawn: the end of the one drawn in its place
    moved: dict[int, int] = {}
    frames: list[Frame] = []
    at = 0
    while at < len(segments):
        period, times = _repeats(signs, at)
        run = [place for segment in segments[at : at + period] for place in segment]
        kept += run
        if times > 1:
            frames.append(Frame(run[0], run[-1], times))
            for again in range(1, times):
                moved[segments[at + again * period + period - 1][-1]] = run[-1]
        at += period * times
    return _kept(scene, kept, moved, frames)


def _signature(
    scene: Plan, segment: range, sources: Mapping[int, Sequence[int]], issue: frozenset[int]
) -> tuple[object, ...]:
    """What a segment looks like apart from names; what is at issue is unlike any other."""
    return tuple(
        (
            tuple(
                (title(n), activation_text(n), n.shape, n.trainable)
                for n in scene.boxes[place].nodes
            ),
            tuple(max(source - segment.start, -1) for source in sources.get(place, ())),
            tuple(n.id for n in scene.boxes[place].nodes if n.id in issue),
            scene.boxes[place].missing,
        )
        for place in segment
    )


def _repeats(signs: Sequence[object], at: int) -> tuple[int, int]:
    """The period and number of equal runs from `at` on that save most."""
    best = (1, 1)
    for period in range(1, 9):
        pattern = signs[at : at + period]
        times = 1
        while (
            len(pattern) == period
            and signs[at + times * period : at + (times + 1) * period] == pattern
        ):
            times += 1
        if (times - 1) * period > (best[1] - 1) * best[0]:
            best = (period, times)
    return best


def _summed_up(scene: Plan, issue: frozenset[int], limit: int) -> Plan:
    """The scene with what is far from anything at issue reduced to notes, each before the last box
    that it stands for.
    """
    notes = _left_out(scene, issue, len(scene.boxes) - limit)
    times = _times(scene)
    gone: dict[int, list[Box]] = {}
    for place, first in notes.items():
        gone.setdefault(first, []).extend([scene.boxes[place]] * times.get(place, 1))
    boxes = list(scene.boxes)
    for place, left_out in gone.items():
        boxes[place] = _note(left_out)
    ends = [(notes.get(a, a), notes.get(b, b)) for a, b in scene.edges]
    # a tensor that is given twice stays two lines
    parallel = (edge for edge in ends if gone.keys().isdisjoint(edge))
    single = dict.fromkeys(edge for edge in ends if not gone.keys().isdisjoint(edge))
    edges = [*parallel, *(edge for edge in single if edge[0] != edge[1])]
    kept = [place for place in range(len(boxes)) if notes.get(place, place) == place]
    frames = tuple(f for f in scene.frames if notes.keys().isdisjoint((f.first, f.last)))
    changed = dataclasses.replace(scene, boxes=tuple(boxes), edges=tuple(edges))
    return _kept(changed, kept, {}, frames)


def _left_out(scene: Plan, issue: frozenset[int], excess: int) -> dict[int, int]:
    """Each box that goes, and the one that becomes the note about it."""
    notes: dict[int, int] = {}
    for run in sorted(_runs_apart(scene, issue), key=len, reverse=True):
        if excess <= 0 or len(run) <= 2:
            break
        notes.update(dict.fromkeys(run[:-1], run[0]))
        excess -= len(run) - 2
    return notes


def _runs_apart(scene: Plan, issue: frozenset[int]) -> list[Sequence[int]]:
    """Boxes in a row of which none is at issue, nor beside one that is; where nothing is, one
    segment after the other.
    """
    segments = _segments(scene)
    close = [
        number
        for number, segment in enumerate(segments)
        if any(_is_at_issue(scene.boxes[place], issue) for place in segment)
    ]
    if not close:
        return list(segments)
    near = {number + step for number in close for step in (-1, 0, 1)} | {0, len(segments) - 1}
    runs: list[list[int]] = [[]]
    for number, segment in enumerate(segments):
        if number in near:
            runs.append([])
        else:
            runs[-1].extend(segment)
    return list(runs)


def _times(scene: Plan) -> dict[int, int]:
    """How many boxes each one in a frame stands for."""
    return {
        place: frame.times for frame in scene.frames for place in range(frame.first, frame.last + 1)
    }


def _cut_off(scene: Plan, issue: frozenset[int]) -> Plan:
    """The scene around the first thing at issue, or else its start."""
    marked = [place for place, box in enumerate(scene.boxes) if _is_at_issue(box, issue)]
    start = max(0, min((marked or [0])[0] - DRAWABLE // 2, len(scene.boxes) - DRAWABLE))
    kept = list(range(start, start + DRAWABLE))
    boxes = list(scene.boxes)
    for place, gone in ((start, boxes[:start]), (kept[-1], boxes[start + DRAWABLE :])):
        if gone:
            boxes[place] = _note([*gone, boxes[place]])
    frames = [frame for frame in scene.frames if start < frame.first and frame.last < kept[-1]]
    return _kept(dataclasses.replace(scene, boxes=tuple(boxes)), kept, {}, frames)


def _is_at_issue(box: Box, issue: frozenset[int]) -> bool:
    return bool(box.missing) or any(node.id in issue for node in box.nodes)


def _kept(
    scene: Plan, kept: Sequence[int], moved: Mapping[int, int], frames: Sequence[Frame]
) -> Plan:
    """The scene reduced to some of its boxes; an edge from a box
    in `moved` leaves from the one in its place.
    """
    place = {old: new for new, old in enumerate(kept)}
    edges = ((place.get(moved.get(a, a)), place.get(b)) for a, b in scene.edges)
    return Plan(
        tuple(scene.boxes[old] for old in kept),
        tuple((a, b) for a, b in edges if a is not None and b is not None),
        tuple(Frame(place[frame.first], place[frame.last], frame.times) for frame in frames),
        {
            (place[a], place[b]): word
            for (a, b), word in scene.lacking.items()
            if a in place and b in place
        },
        scene.missing,
    )


def _note(gone: Iterable[Box]) -> Box:
    """What stands for boxes that aren't drawn."""
    nodes = [node for box in gone for node in box.nodes]
    return Box((), f"{len(nodes)} layers not drawn: {listed_kinds(nodes)}")


def listed_kinds(nodes: Iterable[Node]) -> str:
    """What most of some layers are: "4 conv, 2 bn"."""
    kinds = Counter(node.kind for node in nodes)
    often = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))[:3]
    return ", ".join(f"{number} {kind}" for kind, number in often)
