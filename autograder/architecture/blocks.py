"""Structures made of merges: residual blocks, inception modules, the skips of a U-Net.

A **residual connection** is a sum to which a tensor comes in two ways at least: around, and through
a body. Around leads what is linear and looks at single pixels only: nothing at all (the identity),
a 1×1 convolution of any stride, or else poolings, norms, scaling, slices and 1×1 convolutions one
after the other. The body learns, and does more than that: it has an activation, or a kernel wider
than a pixel. So two convolutions side by side are none, whatever they are added to; neither are two
shortcuts. Of three tensors or more that are added, one goes around and one through is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from autograder.architecture.canonical import SILENT, of_form
from autograder.architecture.kinds import CONVOLUTIONS, LEARNING, NORMS, POOLS, is_keras
from autograder.architecture.layers import activation, is_1x1, kernel, resampling
from autograder.architecture.merges import Merge, is_constant, joined_merges, merges
from autograder.architecture.node import Architecture, Node

Shortcut = Literal["identity", "projection", "pool", "linear", "other"]

# what, beside 1×1 convolutions, may lie on a way around
LINEAR = NORMS | POOLS | SILENT | {
    "rescale", "scale", "normalize", "gap", "crop", "upsample", "resize", "reshape", "flatten",
    "getitem", "concat", "add", "sub", "average",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class ResidualBlock:
    """A sum of a body and a shortcut around it; with the shortcut "other" it has none."""

    node: Node  # the sum
    fork: Node  # where the shortcut leaves
    body: tuple[Node, ...]  # of a sum of more than two tensors: all of them but the shortcut
    skip: tuple[Node, ...]  # the nodes on the shortcut
    shortcut: Shortcut
    ways: int  # how many different tensors are added
    works: bool  # whether the body does more than a shortcut could
    activation: str | None  # after the sum
    stretched: bool  # whether the shortcut differs from the sum in shape: Keras broadcasts it

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All of it, the fork left out."""
        return (*self.skip, *self.body, self.node)

    @property
    def ends(self) -> tuple[int, ...]:
        """The ids of the nodes with which the body ends: one for each way but the shortcut."""
        inside = {node.id for node in self.body}
        return tuple(number for number in self.node.inputs if number in inside)

    @property
    def kind(self) -> str:
        """What the shortcut is, as claims call it."""
        return "stretched" if self.stretched else self.shortcut

    @property
    def goes_around(self) -> bool:
        """Whether it is a residual connection."""
        return self.works and self.kind not in {"other", "stretched"}


@dataclass(frozen=True, eq=False)
class Skip:
    """A tensor of an encoder that reaches its decoder without the way down and up."""

    node: Node  # where it is merged: concat or add
    partner: Node  # the encoder's tensor
    shallow: tuple[Node, ...]  # on the skip itself, mostly nothing
    pooling: Node | None  # what halves the partner next, where nothing that learns stands between


@of_form
def sums(form: Architecture) -> tuple[ResidualBlock, ...]:
    """All sums of branches from one fork, one of which has weights, whether anything goes around
    or not.
    """
    found = (_residual(form, merge) for merge in merges(form))
    return tuple(block for block in found if block is not None)


@of_form
def residual_blocks(form: Architecture) -> tuple[ResidualBlock, ...]:
    """The residual connections."""
    return tuple(block for block in sums(form) if block.goes_around)


@of_form
def concatenations(form: Architecture) -> tuple[Merge, ...]:
    """Where an inception module may be: concatenations of branches from one tensor,
    those that go straight into another one counted as a part of it.
    """
    found = joined_merges(form)
    return tuple(merge for merge in found if merge.kind == "concat" and merge.fork is not None)


@of_form
def inception_modules(form: Architecture) -> tuple[Merge, ...]:
    """Concatenations over channels of three or more branches from one tensor."""
    found = concatenations(form)
    return tuple(m for m in found if len(m.branches) > 2 and joins_channels(m.node))


@of_form
def skips(form: Architecture) -> tuple[Skip, ...]:
    """Merges of a branch that goes down and up again with one that does neither."""
    factors = _factors(form)
    found = (_skip(form, merge, factors) for merge in merges(form))
    return tuple(skip for skip in found if skip is not None)


@of_form
def doubled_merges(form: Architecture) -> tuple[Node, ...]:
    """Merges that are given one tensor more than once: `Add()([x, x])`."""
    return tuple(
        node
        for node in form.nodes
        if node.kind in {"add", "concat", "mul"} and len(set(node.inputs)) < len(node.inputs)
    )


def joins_channels(node: Node) -> bool:
    """Whether a concatenation is one over the last axis."""
    return node.kind == "concat" and node.config.get("axis", -1) in {
        -1,
        len(node.shape) - 1 if node.shape else -1,
    }


def is_sum(node: Node) -> bool:
    """Whether a node adds its tensors; InceptionResNetV2 has a layer of its own for it."""
    return node.kind == "add" or (node.cls == "CustomScaleLayer" and is_keras(node.module))


def is_stretched(form: Architecture, node: Node) -> bool:
    """Whether the tensors that a node merges differ in shape, as far as their shapes are known."""
    shapes = [parent.shape for parent in given_to(form, node)]
    return len(set(shapes)) > 1 and not any(shape is None or None in shape[1:] for shape in shapes)


def given_to(form: Architecture, node: Node) -> tuple[Node, ...]:
    """The nodes that a node of the form is called on, as read: what the form leaves out, such as
    padding, may have changed a shape.
    """
    read = form.as_read
    return read.parents(read.node(node.origin[-1] if node.origin else node.id))


def shortcut_kind(nodes: Iterable[Node]) -> Shortcut:
    """What a branch is as a shortcut; batch norm on a projection or a pooling is free, and so is a
    pooling of single pixels before a projection, which is a stride.
    """
    loud = [node for node in nodes if node.kind not in SILENT]
    if not loud:
        return "identity"
    core = [node for node in loud if node.kind not in NORMS]
    core = [node for node in core if not _only_strides(node)] or core
    if len(core) == 1 and core[0].kind in POOLS:
        return "pool"
    if len(core) == 1 and is_1x1(core[0]):
        return "projection"
    return "linear" if all(map(_is_linear, loud)) else "other"


def activation_after(form: Architecture, node: Node) -> str | None:
    """The activation that follows a node, if all that reads it is that;
    a batch norm between is free.
    """
    readers = form.children(node)
    while len(readers) == 1 and readers[0].kind in NORMS:
        readers = form.children(readers[0])
    names = {activation(child) for child in readers}
    return names.pop() if len(names) == 1 else None


def _residual(form: Architecture, merge: Merge) -> ResidualBlock | None:
    if not is_sum(merge.node) or merge.fork is None:
        return None
    skip, *bodies = sorted(
        merge.branches, key=lambda nodes: (shortcut_kind(nodes) == "other", len(nodes))
    )
    inside = {node for nodes in bodies for node in nodes}
    if not any(node.kind in LEARNING for node in inside) or inside & set(skip):
        return None
    end = merge.node.inputs.index((skip[-1] if skip else merge.fork).id)
    return ResidualBlock(
        node=merge.node,
        fork=merge.fork,
        body=tuple(sorted(inside, key=lambda node: form.position(node.id))),
        skip=skip,
        shortcut=shortcut_kind(skip),
        ways=len(merge.branches),
        works=any(map(_works, bodies)),
        activation=activation_after(form, merge.node),
        stretched=is_stretched(form, merge.node)
        and given_to(form, merge.node)[end].shape != merge.node.shape,
    )


def _works(nodes: tuple[Node, ...]) -> bool:
    """Whether a branch learns, and does more than a shortcut could."""
    return any(node.kind in LEARNING for node in nodes) and not all(map(_is_linear, nodes))


def _is_linear(node: Node) -> bool:
    pointwise = node.kind in CONVOLUTIONS and set(kernel(node) or ()) == {1}
    return pointwise or node.kind in LINEAR | {"dense"} or is_constant(node)


def _only_strides(node: Node) -> bool:
    return node.kind in POOLS and set(kernel(node) or ()) == {1}


def _skip(form: Architecture, merge: Merge, factors: Mapping[int, float]) -> Skip | None:
    if merge.fork is None or len(merge.branches) != 2:
        return None
    if not joins_channels(merge.node) and not is_sum(merge.node):
        return None
    ways = {_course(nodes, factors): nodes for nodes in merge.branches}
    if ways.keys() != {"level", "down and up"}:
        return None
    return Skip(merge.node, merge.fork, ways["level"], _pooling(form, merge.fork))


def _factors(form: Architecture) -> dict[int, float]:
    """By what the nodes that change height and width multiply them;
    0 for those that pool everything, or resize.
    """
    found = {node.id: _factor(node) for node in form.nodes}
    return {number: factor for number, factor in found.items() if factor != 1}


def _factor(node: Node) -> float:
    return 0 if node.kind in {"gap", "gmp", "resize"} else resampling(node)


def _course(nodes: tuple[Node, ...], factors: Mapping[int, float]) -> str:
    """How height and width change along a branch."""
    steps = [(factors[node.id], node.kind) for node in nodes if node.id in factors]
    if not steps:
        return "level"
    down = next((place for place, (factor, _) in enumerate(steps) if 0 < factor < 1), None)
    up_again = down is not None and any(
        factor > 1 or kind == "resize" for factor, kind in steps[down:]
    )
    return "down and up" if up_again else "other"


def _pooling(form: Architecture, partner: Node) -> Node | None:
    """What halves a tensor next, through nothing but batch norm and activations."""
    for child in form.children(partner):
        if resampling(child) < 1:
            return child
        if child.kind in NORMS | {"act"} and (found := _pooling(form, child)):
            return found
    return None
