"""How graders speak of layers: by the student's names, as words, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable

from autograder.architecture import Node
from autograder.architecture.layers import label


def words(nodes: Iterable[Node]) -> str:
    """A branch in words: "conv3x3/2:64 bn relu"; a straight one has none."""
    return " ".join(label(node) for node in nodes) or "(nothing: the tensor itself)"


def names(nodes: Iterable[Node]) -> str:
    """The student's names of some nodes: «conv2d», «add»."""
    return ", ".join(dict.fromkeys(f"«{node.name}»" for node in nodes)) or "none"


def shown(node: Node) -> str:
    """The shape of a node's output, the batch left out: 32×32×16."""
    return (
        "×".join("?" if size is None else str(size) for size in (node.shape or ())[1:])
        or "a single number"
    )


def at(nodes: Iterable[Node]) -> tuple[int, ...]:
    """Where nodes of the form stand in the architecture as read: what pictures mark."""
    return tuple(number for node in nodes for number in node.origin or (node.id,))
