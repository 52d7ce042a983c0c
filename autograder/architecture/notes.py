"""Well-known mistakes of wiring, each found and said by itself:
what is there, in the student's names.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.architecture.blocks import (
    Skip,
    doubled_merges,
    given_to,
    is_stretched,
    is_sum,
    joins_channels,
)
from autograder.architecture.kinds import LEARNING, NORMS, is_keras
from autograder.architecture.layers import label, resampling
from autograder.architecture.merges import Merge, merges
from autograder.architecture.missing import Missing, connection, layer
from autograder.architecture.missing import merge as missing_merge
from autograder.architecture.node import Architecture, Node
from autograder.architecture.reach import dead_ends as nodes_without_output
from autograder.architecture.reach import depending_on
from autograder.architecture.text import shape_text, shown

LONGEST = 8  # layers of a branch that are named
QUIET = NORMS | {"act", "dropout", "identity", "pad", "rescale", "scale"}
AXES = {1: "height", 2: "width"}


@dataclass(frozen=True, eq=False)
class Note:
    """One thing worth saying, the nodes that are wrong, and what is missing."""

    text: str
    nodes: tuple[Node, ...]
    missing: tuple[Missing, ...] = ()


def named(node: Node) -> str:
    """A layer as the student calls it."""
    return f"«{shown(node.name, 40)}»"


def part(node: Node) -> str:
    """The same; of an activation that a layer applies itself, which it is and in which layer."""
    inside = node.kind == "act" and node.layer.endswith("/activation")
    return f"the {label(node)} in {named(node)}" if inside else named(node)


def sized(node: Node) -> str:
    """A layer and the shape that it gives: «add» (32×32×16)."""
    return f"{named(node)} ({shape_text(node.shape)})"


def listed(nodes: Iterable[Node], longest: int = 8) -> str:
    """Names, the first few of many."""
    nodes = list(nodes)
    return (
        ", ".join(map(named, nodes[:longest]))
        + (f" and {len(nodes) - longest} more" if len(nodes) > longest else "")
        or "none"
    )


def counted(nodes: Iterable[Node]) -> str:
    """How many, and their names."""
    nodes = list(nodes)
    return f"{len(nodes)}: {listed(nodes)}" if nodes else "none"


def worded(branch: Sequence[Node], quiet: frozenset[str] = QUIET) -> str:
    """A branch layer by layer, what is mostly passed over left out unless there is nothing else."""
    loud = [node for node in branch if node.kind not in quiet] or list(branch)
    if not loud:
        return "nothing (the tensor itself)"
    text = " → ".join(f"{named(node)} [{label(node)}]" for node in loud[:LONGEST])
    return text + (f" → … {len(loud) - LONGEST} more" if len(loud) > LONGEST else "")


def doubled(form: Architecture, kind: str) -> list[Note]:
    """`Add()([x, x])`: nothing from elsewhere reaches the sum, unless it is given more."""
    notes = []
    for node in doubled_merges(form):
        if node.kind != kind:
            continue
        twice = next(form.node(number) for number in node.inputs if node.inputs.count(number) > 1)
        text = f"{named(node)} is given {named(twice)} more than once"
        if kind == "add" and len(set(node.inputs)) == 1:
            text = (
                f"{named(node)} adds {named(twice)} to itself, so it only doubles it: "
                "nothing from before the block reaches the sum. "
                "Save the block's input first (shortcut = x) and add that"
            )
        notes.append(Note(text, (node,)))
    return notes


def stretched(form: Architecture) -> list[Note]:
    """Sums of unequal shapes, which Keras broadcasts without a word."""
    notes = []
    for node in form.nodes:
        if node.kind != "add" or not is_stretched(form, node):
            continue
        sides = " and ".join(sized(parent) for parent in given_to(form, node)[:2])
        text = (
            f"{named(node)} adds {sides}: "
            "the smaller one is stretched to fit, their shapes should be equal"
        )
        notes.append(Note(text, (node,)))
    return notes


def concatenated_instead(form: Architecture) -> list[Note]:
    """Concatenations of a body and its own input, where a residual block would add."""
    return [
        Note(
            f"{named(merge.node)} concatenates "
            f"{' and '.join(_end(merge, branch) for branch in merge.branches)} "
            f"({shape_text(merge.node.shape)}): channels pile up; a residual block adds",
            (merge.node,),
        )
        for merge in merges(form)
        if merge.kind == "concat"
        and len(merge.branches) == 2
        and merge.fork is not None
        and _is_block(merge)
    ][:2]


def wrong_axis(form: Architecture) -> list[Note]:
    """Concatenations that stack feature maps instead of joining channels."""
    notes = []
    for node in form.nodes:
        if node.kind == "concat" and not joins_channels(node):
            axis = node.config.get("axis")
            where = (
                AXES.get(axis, f"axis {axis}")
                if isinstance(axis, int) and node.size is not None
                else f"axis {axis}"
            )
            text = (
                f"{named(node)} joins along {where} (axis={axis}) and gives "
                f"{shape_text(node.shape)}: channels are the last axis"
            )
            notes.append(Note(text, (node,)))
    return notes


def chained(form: Architecture) -> list[Note]:
    """Branches that start where another one ends, where all should start from one tensor."""
    notes = []
    for merge in merges(form):
        if merge.kind != "concat" or len(merge.branches) < 3:
            continue
        for place, other in merge.chained.items():
            last = merge.branches[other][-1]
            text = (
                f"at {named(merge.node)} branch {place + 1} goes through the end "
                f"of branch {other + 1} ({named(last)}): all branches "
                "should start from the module's input; is x overwritten on the way?"
            )
            notes.append(Note(text, (merge.node, last)))
    return notes[:3]


def no_skips(form: Architecture) -> list[Note]:
    """Why a network has no skips at all."""
    if not any(merge.kind == "concat" for merge in merges(form)):
        return [without(form, "concat", "concatenation of encoder and decoder tensors")]
    return no_skip_here(form, ())


def no_skip_here(form: Architecture, skips: Sequence[Skip]) -> list[Note]:
    """Concatenations that are no skips."""
    ends = {skip.node for skip in skips}
    notes = []
    for merge in merges(form):
        if merge.kind != "concat" or merge.fork is None or merge.node in ends:
            continue
        if not any(resampling(node) < 1 for branch in merge.branches for node in branch):
            text = (
                f"{named(merge.node)} merges tensors that both come from {named(merge.fork)}, "
                "with no way down between, so it is no skip"
            )
        else:
            text = (
                f"neither side of {named(merge.node)} "
                f"leads from {named(merge.fork)} without a change of size"
            )
        notes.append(Note(text, (merge.node,)))
    return notes[:3]


def left_behind(form: Architecture, skips: Sequence[Skip]) -> list[Note]:
    """Tensors of an encoder that are halved and not carried to the decoder at their own size."""
    carried = {node for skip in skips for node in (skip.partner, skip.pooling)}
    notes = []
    for node in form.nodes:
        if resampling(node) < 1 and len(node.inputs) == 1 and node not in carried:
            (last,) = form.parents(node)
            if last not in carried:
                text = (
                    f"{sized(last)}, which {named(node)} halves, "
                    "is not carried to the decoder at that size"
                )
                notes.append(Note(text, (), _skip_from(form, last)))
    return notes[:3]


def levels(form: Architecture, number: int) -> list[Note]:
    """Levels that are missing below the lowest, where each that there is has its skip."""
    below = {node.id for node in form.nodes if resampling(node) < 1}
    below = depending_on(form, below)
    ups = [node for node in form.nodes if node.id in below and resampling(node) > 1]
    if number < 1 or not ups or not ups[0].inputs:
        return []
    more = f"{number} more level{'s' if number > 1 else ''}"
    text = f"each level has its skip: {more} should lie below {sized(form.parents(ups[0])[0])}"
    return [Note(text, (), (layer(more, form.parents(ups[0])[0], ups[0]),))]


def _skip_from(form: Architecture, last: Node) -> tuple[Missing, ...]:
    """The skip by which an encoder's tensor should reach the decoder: to the concatenation at its
    size, or to one that is missing as well, after the up-sampling to that size.
    """
    below = depending_on(form, [last.id])
    level = [node for node in form.nodes if node.id in below and node.size == last.size]
    ups = [node for node in level if resampling(node) > 1 or node.kind == "resize"]
    if not ups:
        return ()
    after_up = depending_on(form, [ups[0].id])
    joins = [node for node in level if node.kind == "concat" and node.id in after_up]
    if joins:
        return (connection("skip", last, joins[0]),)
    readers = form.children(ups[0])
    return (
        missing_merge("concatenate", (ups[0], last), readers[0] if len(readers) == 1 else None),
    )


def without(form: Architecture, kind: str, what: str) -> Note:
    """There is no merge of a kind at all."""
    others = [merge.node for merge in merges(form) if merge.kind != kind]
    text = f"there is no {what} anywhere in the model"
    if not merges(form):
        text += ": it is one straight line"
    elif others:
        text += (
            f"; what merges is {', '.join(f'{named(node)} [{node.kind}]' for node in others[:4])}"
        )
    return Note(text, tuple(others[:4]))


def dead_ends(form: Architecture) -> list[Note]:
    """Inputs and layers that no output needs."""
    return [
        Note(
            (
                f"{named(node)} is accepted as an input, "
                "but nothing that reaches an output looks at it"
                if node.kind == "input"
                else f"{named(node)} is a dead end: its output never reaches an output of the model"
            ),
            (node,),
        )
        for node in nodes_without_output(form)
        if not form.children(node)
    ][:3]


def opaque(form: Architecture) -> list[Note]:
    """Layers that can't be looked into."""
    found = [
        node
        for node in form.nodes
        if node.kind in {"opaque", "lambda"}
        and not (node.kind == "opaque" and is_keras(node.module))
    ]
    if not found:
        return []
    return [
        Note(
            f"what happens inside {listed(found, 3)} can't be seen: "
            "write it with Keras' own layers",
            tuple(found),
        )
    ]


def _end(merge: Merge, branch: Sequence[Node]) -> str:
    return sized(branch[-1]) if branch else sized(merge.fork) if merge.fork else "an input"


def _is_block(merge: Merge) -> bool:
    shortest, longest = sorted(merge.branches, key=len)
    return (
        len(shortest) <= 2
        and any(node.kind in LEARNING for node in longest)
        and not is_sum(merge.node)
    )
