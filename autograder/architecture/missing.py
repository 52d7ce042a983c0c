"""What a network lacks, and where it belongs."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.architecture.node import Node


@dataclass(frozen=True)
class Missing:
    """A layer that should be there and is not or, with `layer` false, a mere connection."""

    word: str
    after: tuple[int, ...]  # nodes as read that it should be called on
    # the node that should be called on it; None: whatever is called on the one before
    before: int | None = None
    layer: bool = True


def layer(word: str, after: Node, before: Node | None = None) -> Missing:
    """A layer that is missing after a node of the form, or on its way to another one."""
    end, start = _last(after), None if before is None else _first(before)
    return Missing(word, (end,), None if start == end else start)


def merge(word: str, after: tuple[Node, ...], before: Node | None) -> Missing:
    """A layer that is missing where several tensors of the form should meet."""
    return Missing(word, tuple(map(_last, after)), None if before is None else _first(before))


def connection(word: str, after: Node, before: Node) -> Missing:
    """A way that is missing between two nodes of the form."""
    return Missing(word, (_last(after),), _first(before), layer=False)


def _first(node: Node) -> int:
    return node.origin[0] if node.origin else node.id


def _last(node: Node) -> int:
    return node.origin[-1] if node.origin else node.id
