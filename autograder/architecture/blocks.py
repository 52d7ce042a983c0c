"""Structures made of merges: residual blocks, inception modules, the skips of a U-Net."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from autograder.architecture.canonical import SILENT
from autograder.architecture.kinds import NORMS, POOLS, is_keras
from autograder.architecture.layers import activation, kernel, resampling
from autograder.architecture.merges import Merge
from autograder.architecture.node import Architecture, Node, Shape

Shortcut = Literal["identity", "projection", "pool", "other"]
LEARNING = frozenset({"conv", "sepconv", "dwconv", "upconv", "dense", "attention"})


@dataclass(frozen=True, eq=False)
class ResidualBlock:
    """A sum of a body and a shortcut around it."""

    node: Node  # the sum
    fork: Node  # where the shortcut leaves
    body: tuple[Node, ...]
    skip: tuple[Node, ...]  # the nodes on the shortcut
    shortcut: Shortcut
    activation: str | None  # after the sum
    # whether the two sides differ in shape, so that Keras broadcasts the smaller one
    stretched: bool

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All of it, the fork left out."""
        return (*self.skip, *self.body, self.node)


@dataclass(frozen=True, eq=False)
class Skip:
    """A tensor of an encoder that reaches its decoder without the way down and up."""

    node: Node  # where it is merged: concat or add
    partner: Node  # the encoder's tensor
    deep: tuple[Node, ...]  # down, the bottleneck, and up again
    shallow: tuple[Node, ...]  # on the skip itself, mostly nothing
    pooling: Node | None  # what halves the partner next, where nothing that learns stands between
    resolution: Shape | None  # height and width where the two meet


@dataclass(frozen=True, eq=False)
class Blocks:
    """The structures of one canonical architecture."""

    arch: Architecture
    merges: tuple[Merge, ...]

    @cached_property
    def sums(self) -> tuple[ResidualBlock, ...]:
        """All sums of two branches from one fork, one of which has weights;
        "other" shortcuts too.
        """
        found = (_residual(self.arch, merge) for merge in self.merges)
        return tuple(block for block in found if block is not None)

    @cached_property
    def residual(self) -> tuple[ResidualBlock, ...]:
        """The sums whose shortcut is the identity, one 1×1 projection, or one pooling."""
        return tuple(block for block in self.sums if block.shortcut != "other")

    @cached_property
    def inception(self) -> tuple[Merge, ...]:
        """Concatenations over channels of three or more branches from one tensor."""
        return tuple(
            m
            for m in self.merges
            if m.fork is not None and len(m.branches) > 2 and joins_channels(m.node)
        )

    @cached_property
    def skips(self) -> tuple[Skip, ...]:
        """Merges of a branch that goes down and up again with one that does neither."""
        found = (_skip(self.arch, merge, self.factors) for merge in self.merges)
        return tuple(skip for skip in found if skip is not None)

    @cached_property
    def factors(self) -> dict[int, float]:
        """By what the nodes that change height and width multiply them;
        0 for those that pool everything, or resize.
        """
        found = {node.id: _factor(node) for node in self.arch.nodes}
        return {number: factor for number, factor in found.items() if factor != 1}

    @cached_property
    def doubled(self) -> tuple[Node, ...]:
        """Merges that are given one tensor more than once: `Add()([x, x])`."""
        return tuple(
            n
            for n in self.arch.nodes
            if n.kind in {"add", "concat", "mul"} and len(set(n.inputs)) < len(n.inputs)
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


def is_stretched(arch: Architecture, node: Node) -> bool:
    """Whether the tensors that a node merges differ in shape, as far as their shapes are known."""
    shapes = [parent.shape for parent in arch.parents(node)]
    return len(set(shapes)) > 1 and not any(shape is None or None in shape[1:] for shape in shapes)


def shortcut_kind(nodes: Iterable[Node]) -> Shortcut:
    """What a branch is as a shortcut; batch norm on a projection or a pooling is free."""
    nodes = tuple(nodes)
    core = [node for node in nodes if node.kind not in NORMS | SILENT]
    if all(node.kind in SILENT for node in nodes):
        return "identity"
    if len(core) == 1 and core[0].kind in POOLS:
        return "pool"
    if len(core) == 1 and core[0].kind == "conv" and set(kernel(core[0]) or ()) == {1}:
        return "projection"
    return "other"


def activation_after(arch: Architecture, node: Node) -> str | None:
    """The activation that follows a node, if all that reads it is that;
    a batch norm between is free.
    """
    readers = arch.children(node)
    while len(readers) == 1 and readers[0].kind in NORMS:
        readers = arch.children(readers[0])
    names = {activation(child) for child in readers}
    return names.pop() if len(names) == 1 else None


def _residual(arch: Architecture, merge: Merge) -> ResidualBlock | None:
    if not is_sum(merge.node) or len(merge.branches) != 2 or merge.fork is None:
        return None
    ways = sorted(merge.branches, key=lambda nodes: (shortcut_kind(nodes) == "other", len(nodes)))
    skip, body = ways[0], ways[1]
    if not any(node.kind in LEARNING for node in body) or set(skip) & set(body):
        return None
    after = activation_after(arch, merge.node)
    return ResidualBlock(
        merge.node,
        merge.fork,
        body,
        skip,
        shortcut_kind(skip),
        after,
        is_stretched(arch, merge.node),
    )


def _skip(arch: Architecture, merge: Merge, factors: Mapping[int, float]) -> Skip | None:
    if (
        merge.fork is None
        or len(merge.branches) != 2
        or not (joins_channels(merge.node) or is_sum(merge.node))
    ):
        return None
    deep = [nodes for nodes in merge.branches if _goes_down_and_up(nodes, factors)]
    flat = [nodes for nodes in merge.branches if not any(node.id in factors for node in nodes)]
    if len(deep) != 1 or len(flat) != 1:
        return None
    return Skip(
        merge.node, merge.fork, deep[0], flat[0], _pooling(arch, merge.fork), merge.node.size
    )


def _factor(node: Node) -> float:
    return 0 if node.kind in {"gap", "gmp", "resize"} else resampling(node)


def _goes_down_and_up(nodes: tuple[Node, ...], factors: Mapping[int, float]) -> bool:
    steps = [(factors[node.id], node.kind) for node in nodes if node.id in factors]
    down = next((place for place, (factor, _) in enumerate(steps) if 0 < factor < 1), None)
    return down is not None and any(factor > 1 or kind == "resize" for factor, kind in steps[down:])


def _pooling(arch: Architecture, partner: Node) -> Node | None:
    """What halves a tensor next, through nothing but batch norm and activations."""
    for child in arch.children(partner):
        if resampling(child) < 1:
            return child
        if child.kind in NORMS | {"act"} and (found := _pooling(arch, child)):
            return found
    return None
