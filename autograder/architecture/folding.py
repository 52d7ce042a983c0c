"""What of a model is drawn: chains of light layers in one box,
repeated blocks once, the rest of a giant as a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.architecture.node import Architecture, Node
from autograder.architecture.text import activation_text, title

READABLE = 60  # so many layers are drawn as they are
DRAWABLE = 240  # so many boxes are drawn at most
LIGHT = frozenset({"bn", "ln", "gn", "unitnorm", "act", "dropout", "identity"})

Edge = tuple[int, int]


@dataclass(frozen=True)
class Box:
    """Layers drawn as one box, or a note about layers that aren't drawn."""

    nodes: tuple[Node, ...]
    note: str = ""


@dataclass(frozen=True)
class Frame:
    """A run of boxes that stands for several equal ones."""

    first: int
    last: int
    times: int


@dataclass(frozen=True)
class Plan:
    """Boxes in topological order, edges between their places in it (one for each tensor),
    and frames.
    """

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    frames: tuple[Frame, ...] = ()


def plan(arch: Architecture, marks: Mapping[int, str]) -> Plan:
    """What to draw of a model: everything up to `READABLE` layers;
    beyond, repeated blocks once and a limit.
    """
    boxes = _boxes(arch)
    home = {node.id: place for place, box in enumerate(boxes) for node in box.nodes}
    edges = [
        (home[source], place) for place, box in enumerate(boxes) for source in box.nodes[0].inputs
    ]
    whole = Plan(tuple(boxes), tuple(edges))
    if len(arch.nodes) <= READABLE:
        return whole
    folded = _folded(whole, marks)
    if len(folded.boxes) > DRAWABLE:
        folded = _summed_up(folded, marks)
    return _cut_off(folded, marks) if len(folded.boxes) > DRAWABLE else folded


def _boxes(arch: Architecture) -> list[Box]:
    """A light layer stands in one box with the layer
    before it where nothing else reads that one.
    """
    chains: dict[int, list[Node]] = {}
    for node in arch.nodes:
        if len(node.inputs) == 1 and node.kind in LIGHT and _leads_only_to(arch, node.inputs[0]):
            chains[node.id] = chains[node.inputs[0]]
            chains[node.id].append(node)
        else:
            chains[node.id] = [node]
    return [Box(tuple(chains[node.id])) for node in arch.nodes if chains[node.id][0] is node]


def _leads_only_to(arch: Architecture, number: int) -> bool:
    node = arch.node(number)
    return len(arch.children(node)) == 1 and number not in arch.outputs and node.kind != "input"


def _segments(scene: Plan) -> list[range]:
    """Runs of boxes that each end with one that no edge jumps over."""
    jumps = [0] * (len(scene.boxes) + 1)
    for source, target in scene.edges:
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


def _folded(scene: Plan, marks: Mapping[int, str]) -> Plan:
    """The scene with each run of equal segments drawn once."""
    segments = _segments(scene)
    sources: dict[int, list[int]] = {}
    for source, target in scene.edges:
        sources.setdefault(target, []).append(source)
    signs = [_signature(scene, segment, sources, marks) for segment in segments]
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
    scene: Plan, segment: range, sources: Mapping[int, Sequence[int]], marks: Mapping[int, str]
) -> tuple[object, ...]:
    """What a segment looks like apart from names, a mark making it unlike any other."""
    return tuple(
        (
            tuple(
                (title(n), activation_text(n), n.shape, n.trainable)
                for n in scene.boxes[place].nodes
            ),
            tuple(max(source - segment.start, -1) for source in sources.get(place, ())),
            tuple(n.id for n in scene.boxes[place].nodes if n.id in marks),
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


def _summed_up(scene: Plan, marks: Mapping[int, str]) -> Plan:
    """The scene with its longest unmarked segments reduced to a note before their last box."""
    notes = _left_out(scene, marks)
    gone: dict[int, list[Box]] = {}
    for place, first in notes.items():
        gone.setdefault(first, []).append(scene.boxes[place])
    boxes = list(scene.boxes)
    for place, left_out in gone.items():
        boxes[place] = _note(left_out)
    ends = [(notes.get(a, a), notes.get(b, b)) for a, b in scene.edges]
    edges = dict.fromkeys(edge for edge in ends if edge[0] != edge[1])
    kept = [place for place in range(len(boxes)) if notes.get(place, place) == place]
    frames = [f for f in scene.frames if notes.keys().isdisjoint((f.first, f.last))]
    return _kept(Plan(tuple(boxes), tuple(edges)), kept, {}, frames)


def _left_out(scene: Plan, marks: Mapping[int, str]) -> dict[int, int]:
    """Each box that goes, and the one that becomes the note about it."""
    unmarked = [
        segment
        for segment in _segments(scene)
        if not any(_is_marked(scene.boxes[place], marks) for place in segment)
    ]
    excess = len(scene.boxes) - DRAWABLE
    notes: dict[int, int] = {}
    for segment in sorted(unmarked, key=len, reverse=True):
        if excess <= 0 or len(segment) <= 2:
            break
        notes.update(dict.fromkeys(segment[:-1], segment[0]))
        excess -= len(segment) - 2
    return notes


def _cut_off(scene: Plan, marks: Mapping[int, str]) -> Plan:
    """The scene around its first mark, or else its start."""
    marked = [place for place, box in enumerate(scene.boxes) if _is_marked(box, marks)]
    start = max(0, min((marked or [0])[0] - DRAWABLE // 2, len(scene.boxes) - DRAWABLE))
    kept = list(range(start, start + DRAWABLE))
    boxes = list(scene.boxes)
    for place, gone in ((start, boxes[:start]), (kept[-1], boxes[start + DRAWABLE :])):
        if gone:
            boxes[place] = _note([*gone, boxes[place]])
    frames = [frame for frame in scene.frames if start < frame.first and frame.last < kept[-1]]
    return _kept(Plan(tuple(boxes), scene.edges), kept, {}, frames)


def _is_marked(box: Box, marks: Mapping[int, str]) -> bool:
    return any(node.id in marks for node in box.nodes)


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
    )


def _note(gone: Iterable[Box]) -> Box:
    """What stands for boxes that aren't drawn."""
    nodes = [node for box in gone for node in box.nodes]
    kinds: dict[str, int] = {}
    for node in nodes:
        kinds[node.kind] = kinds.get(node.kind, 0) + 1
    often = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))[:3]
    listed = ", ".join(f"{number} {kind}" for kind, number in often)
    return Box((), f"{len(nodes)} layers not drawn: {listed}")
