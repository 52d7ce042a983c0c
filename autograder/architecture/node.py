"""The records that a model is read into: a graph of calls, whose nodes are layers and operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Shape = tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class Node:
    """One call of a layer or operation."""

    id: int
    name: str  # the student's
    path: str  # names from the top model down to the layer, joined by "/"
    kind: str
    cls: str
    module: str
    config: Mapping[str, Any]
    layer: str  # nodes of equal `layer` share their weights
    inputs: tuple[int, ...] = ()  # ids of the nodes called on, in order, repeated where a tensor is given twice
    shape: Shape | None = None  # of the output, batch included; None where it isn't known
    trainable: bool = True
    kwargs: Mapping[str, Any] = field(default_factory=dict)  # call arguments that are no tensors
    constants: tuple[Any, ...] = ()  # the same for positional ones
    build: Mapping[str, Any] = field(default_factory=dict)  # what Keras' build_config says
    origin: tuple[int, ...] = ()  # in a canonical form: the nodes as read that this one stands for
    models: tuple[str, ...] = ()  # paths of the nested models around it, outermost first

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
    config: Mapping[str, Any] = field(default_factory=dict)  # the whole configuration, as read
    weights: Mapping[str, Any] = field(default_factory=dict)  # "<path>:<i>" to an array, where there are some
    trainable: bool = True  # the flag of the model itself
    models: Mapping[str, bool] = field(default_factory=dict)  # paths of the nested models, and their flags

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

    @property
    def compile_config(self) -> Mapping[str, Any] | None:
        """Optimizer, losses and metrics, if the model was compiled."""
        found = self.config.get("compile_config")
        return found if isinstance(found, Mapping) else None

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
