"""What `build_resnet` is asked for, and the blocks of what comes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.blocks import ResidualBlock, sums
from autograder.architecture.facts import batch_norms
from autograder.architecture.layers import kernel
from autograder.architecture.node import Shape
from autograder.judge import Case


class Plan(NamedTuple):
    """The arguments of a call."""

    shape: tuple[int, int, int]
    classes: int
    filters: tuple[int, ...] = (32, 64, 128)
    blocks_per_stage: int = 2

    @property
    def widths(self) -> list[int]:
        """Channels of each block, in order."""
        return [width for width in self.filters for _ in range(self.blocks_per_stage)]

    @property
    def shortcuts(self) -> list[str]:
        """What the shortcut of each block is, in order."""
        stage = ["identity"] * (self.blocks_per_stage - 1)
        return ["identity", *stage, *["projection", *stage] * (len(self.filters) - 1)]

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Height and width of each block's output, in order."""
        height, width, _ = self.shape
        steps = [
            2**stage for stage, _ in enumerate(self.filters) for _ in range(self.blocks_per_stage)
        ]
        return [(-(-height // step), -(-width // step)) for step in steps]

    @property
    def kernels(self) -> int:
        """Parameters in kernels: stem, two 3×3 for each block,
        a 1×1 for each change of stage, classifier.
        """
        ends = 9 * self.shape[-1] * self.filters[0] + self.filters[-1] * self.classes
        bodies = sum(
            9 * (one + two) * two for one, two in pairwise([self.filters[0], *self.widths])
        )
        return ends + bodies + sum(one * two for one, two in pairwise(self.filters))


def plan_of(case: Case) -> Plan:
    """What the question asks for."""
    return Plan(*case.args, **case.kwargs)


def blocks_of(case: Case) -> tuple[ResidualBlock, ...]:
    """The residual blocks, in order; those too whose shortcut is stretched to the sum's shape."""
    found = sums(case.architecture)
    return tuple(block for block in found if block.works and block.shortcut != "other")


def starts_of(case: Case) -> list[Node]:
    """What each residual block is given."""
    return [block.fork for block in blocks_of(case)]


def ends_of(case: Case) -> list[Node]:
    """The sum of each residual block."""
    return [block.node for block in blocks_of(case)]


def shortcuts_of(case: Case) -> list[str]:
    """What the shortcut of each block is: the identity, or what stands for a projection."""
    kinds = [block.shortcut for block in blocks_of(case)]
    return [kind if kind == "identity" else "projection" for kind in kinds]


def first_layer(case: Case) -> str:
    """The path of the layer with which the first block's body begins; where there is no block,
    the word for a sum.
    """
    return next((block.body[0].path for block in blocks_of(case)), "add")


def sizes_of(nodes: Iterable[Node]) -> list[Shape | None]:
    """Height and width of feature maps."""
    return [node.size for node in nodes]


def bare_convolutions(architecture: Architecture) -> list[Node]:
    """The 3×3 convolutions that no batch norm of their own, over channels, follows."""
    norms = [norm for norm in batch_norms(architecture) if norm.channels_last]
    normed = {norm.node.layer: norm.layer for norm in norms}.values()
    nodes = [node for node in canonical(architecture).nodes if node.kind == "conv"]
    return [node for node in nodes if kernel(node) == (3, 3) and node not in normed]
