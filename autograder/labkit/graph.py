"""The calls behind symbolic Keras tensors, while a model is still being built:
who made what out of what.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """One call of a layer or operation on symbolic tensors."""

    operation: Any
    node: Any  # Keras' record of the call

    @property
    def name(self) -> str:
        """The layer's name: what the student sees in `model.summary()`."""
        return str(self.operation.name)

    @property
    def inputs(self) -> tuple[Call, ...]:
        """The calls that made its inputs, one for each input."""
        return tuple(maker(tensor) for tensor in self.node.input_tensors)

    @property
    def shape(self) -> tuple[int | None, ...]:
        """Shape of its first output, the batch left out."""
        return tuple(self.node.output_tensors[0].shape[1:])

    def setting(self, name: str, default: Any = None) -> Any:
        """A setting of the layer, such as `padding`."""
        return getattr(self.operation, name, default)


def is_symbolic(value: Any) -> bool:
    """Whether it is a symbolic Keras tensor."""
    return hasattr(value, "_keras_history") and hasattr(value, "shape")


def maker(tensor: Any) -> Call:
    """The call that made a symbolic tensor."""
    history = tensor._keras_history  # noqa: SLF001  # private, and the same since Keras 1
    return Call(history.operation, history.operation._inbound_nodes[history.node_index])  # noqa: SLF001


def tensors(value: Any) -> Iterator[Any]:
    """All symbolic tensors in nested lists, tuples and dicts."""
    if is_symbolic(value):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from tensors(item)
    elif isinstance(value, dict):
        yield from tensors(list(value.values()))


def history(ends: Iterable[Call]) -> list[Call]:
    """Everything that the given calls came from, themselves included,
    each after what it came from.
    """
    done: dict[int, Call] = {}
    stack = [(call, False) for call in reversed(list(ends))]
    while stack:
        call, ready = stack.pop()
        if ready:
            done.setdefault(id(call.node), call)
        elif id(call.node) not in done:
            stack.append((call, True))
            stack.extend((before, False) for before in reversed(call.inputs))
    return list(done.values())
