"""The records that a model is read into: a graph of calls,
whose nodes are layers and operations.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

Shape = tuple[int | None, ...]
Config = Mapping[str, Any]  # a configuration as Keras writes it, or a part of one
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class Node:
    """One call of a layer or operation."""

    id: int
    name: str  # the student's
    path: str  # names from the top model down to the layer, joined by "/"
    kind: str
    cls: str
    module: str
    config: Config
    layer: str  # nodes of equal `layer` share their weights
    # ids of the nodes called on, in order, repeated where a tensor is given twice
    inputs: tuple[int, ...] = ()
    shape: Shape | None = None  # of the output, batch included; None where it isn't known
    trainable: bool = True
    kwargs: Mapping[str, Any] = field(default_factory=dict)  # call arguments that are no tensors
    constants: tuple[Any, ...] = ()  # the same for positional ones
    build: Config = field(default_factory=dict)  # what Keras' build_config says
    origin: tuple[int, ...] = ()  # in a canonical form: the nodes as read that this one stands for

    @property
    def channels(self) -> int | None:
        """The last axis of the output."""
        return self.shape[-1] if self.shape else None

    @property
    def size(self) -> Shape | None:
        """Height and width of a feature map; None for anything else."""
        return self.shape[1:-1] if self.shape and len(self.shape) > 2 else None


@dataclass(frozen=True, eq=False)
class Architecture:
    """A model as a graph: `nodes` in topological order, `inputs` and `outputs` as ids of nodes."""

    name: str
    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    output_names: tuple[str, ...] = ()
    config: Config = field(default_factory=dict)  # the whole configuration, as read
    # "<path>:<i>" to an array, where there are some
    weights: Mapping[str, Any] = field(default_factory=dict)
    original: Architecture | None = None  # of a canonical form: what it is the form of
    # nodes whose shape as written does not follow from what the model is made of
    doubts: tuple[int, ...] = ()

    @property
    def as_read(self) -> Architecture:
        """The architecture as it was read: itself, unless it is a canonical form."""
        return self if self.original is None else self.original

    @property
    def opaque(self) -> tuple[Node, ...]:
        """What can't be looked into: layers of the student's own, Lambda."""
        return tuple(node for node in self.nodes if node.kind in {"opaque", "lambda"})

    @property
    def compile_config(self) -> Config | None:
        """Optimizer, losses and metrics, if the model was compiled."""
        found = self.config.get("compile_config")
        return found if isinstance(found, Mapping) else None

    def node(self, number: int) -> Node:
        """The node of that id."""
        return self._by_id[number]

    def parents(self, node: Node) -> tuple[Node, ...]:
        """The nodes that this one is called on."""
        return tuple(self._by_id[number] for number in node.inputs)

    def children(self, node: Node) -> tuple[Node, ...]:
        """The nodes called on this one, each once."""
        return self._children.get(node.id, ())

    def position(self, number: int) -> int:
        """The place of a node in topological order."""
        return self._positions[number]

    def find(self, name: str) -> tuple[Node, ...]:
        """The nodes with that name or path: several for a layer that is called several times."""
        return tuple(node for node in self.nodes if name in {node.name, node.path})

    @cached_property
    def known(self) -> dict[Callable[[Architecture], Any], Any]:
        """The facts that have been worked out (see `once`)."""
        return {}

    @cached_property
    def _by_id(self) -> dict[int, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _positions(self) -> dict[int, int]:
        return {node.id: position for position, node in enumerate(self.nodes)}

    @cached_property
    def _children(self) -> dict[int, tuple[Node, ...]]:
        found: dict[int, dict[int, Node]] = {}
        for node in self.nodes:
            for parent in node.inputs:
                found.setdefault(parent, {})[node.id] = node
        return {number: tuple(nodes.values()) for number, nodes in found.items()}


def once(fact: Callable[[Architecture], T]) -> Callable[[Architecture], T]:
    """Let a fact be worked out once for each architecture: it is kept with that one,
    and goes when that one goes.
    """

    @functools.wraps(fact)
    def kept(arch: Architecture) -> T:
        if fact not in arch.known:
            arch.known[fact] = fact(arch)
        found: T = arch.known[fact]
        return found

    return kept
