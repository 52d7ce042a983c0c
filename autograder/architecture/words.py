"""The words of branch expressions and the nodes that they stand for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.architecture.kinds import ACTIVATIONS, NORMS, POOLS
from autograder.architecture.layers import activation, kernel, resampling, strides, width
from autograder.architecture.node import Node

ACTIVATION_WORDS = frozenset(ACTIVATIONS.values()) | {"custom", "clipped_relu", "threshold_relu"}
KIND_WORDS: dict[str, frozenset[str]] = {
    **{
        kind: frozenset({kind})
        for kind in (
            "input",
            "conv",
            "sepconv",
            "dwconv",
            "upconv",
            "dense",
            "bn",
            "ln",
            "gn",
            "maxpool",
            "avgpool",
            "gap",
            "gmp",
            "flatten",
            "reshape",
            "add",
            "concat",
            "mul",
            "sub",
            "average",
            "max",
            "min",
            "dot",
            "upsample",
            "resize",
            "pad",
            "crop",
            "dropout",
            "identity",
            "augment",
            "rescale",
            "act",
            "embedding",
            "attention",
            "rnn",
            "opaque",
            "lambda",
            "arith",
            "getitem",
            "op",
        )
    },
    "pool": POOLS,
    "norm": NORMS,
}
WORDS = frozenset(KIND_WORDS) | ACTIVATION_WORDS | {"down", "up"}
WINDOWED = frozenset({"conv", "sepconv", "dwconv", "upconv", "maxpool", "avgpool", "pool"})
STEPPED = WINDOWED | {"upsample", "down", "up"}
WIDE = frozenset({"conv", "sepconv", "upconv", "dense"})

SILENT_GROUPS = (
    NORMS, frozenset({"act"}), frozenset({"dropout"}), frozenset({"identity"}), frozenset({"pad"}),
    frozenset({"rescale", "scale"}), frozenset({"input"}),
)  # fmt: skip
"""Kinds that an expression passes over unless it names one of the group."""


@dataclass(frozen=True)
class Word:
    """A letter of a branch expression: what a node must be; None stands for anything."""

    text: str  # as written
    name: str | None
    kernel: tuple[int, ...] | None = None
    stride: int | None = None
    width: int | None = None

    def stands_for(self, node: Node) -> bool:
        """Whether a node is what the word asks for."""
        return self.is_kind(node) and not self.other_settings(node)

    def other_settings(self, node: Node) -> int:
        """How many of the settings that are asked for a node does not have."""
        return (
            (self.kernel is not None and kernel(node) != self.kernel)
            + (self.stride is not None and set(strides(node) or ()) != {self.stride})
            + (self.width is not None and width(node) != self.width)
        )

    def is_kind(self, node: Node) -> bool:
        """The same, kernel, stride and width left aside."""
        if self.name is None:
            return True
        if self.name == "down":
            return resampling(node) < 1
        if self.name == "up":
            return resampling(node) > 1 or node.kind == "resize"
        if self.name in KIND_WORDS:
            return node.kind in KIND_WORDS[self.name]
        return activation(node) == self.name


def silent_kinds(words: Iterable[Word]) -> frozenset[str]:
    """The kinds that an expression with these words passes over."""
    named: set[str] = set()
    for word in words:
        named |= KIND_WORDS.get(
            word.name or "", frozenset({"act"} if word.name in ACTIVATION_WORDS else set())
        )
    return frozenset().union(*(group for group in SILENT_GROUPS if not group & named))


def kinds_to_keep(words: Iterable[Word]) -> frozenset[str]:
    """What the canonical form must not leave out for these words (see `canonical`)."""
    return frozenset({"dropout", "identity", "pad", "dwconv"} & {word.name for word in words})


def nearest(wrong: str, known: Iterable[str]) -> str:
    """The question "did you mean …?" with the nearest known name, or nothing."""
    close = difflib.get_close_matches(wrong, sorted(known), n=1, cutoff=0.5)
    return f", did you mean {close[0]!r}?" if close else ""
