"""The records that a model is read into: a graph of calls,
whose nodes are layers and operations.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.architecture.blocks import Blocks, ResidualBlock, Skip
    from autograder.architecture.facts import Base, BatchNorm, Head, Preparation
    from autograder.architecture.match import Match
    from autograder.architecture.merges import Merge
    from autograder.architecture.parameters import Parameters

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
    # ids of the nodes called on, in order, repeated where a tensor is given twice
    inputs: tuple[int, ...] = ()
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
    # "<path>:<i>" to an array, where there are some
    weights: Mapping[str, Any] = field(default_factory=dict)
    trainable: bool = True  # the flag of the model itself
    # paths of the nested models, and their flags
    models: Mapping[str, bool] = field(default_factory=dict)

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

    # Facts. Those on structure speak of the canonical form.
    # Their modules import this one, hence the late imports.

    def form(self, keep: frozenset[str] = frozenset()) -> Architecture:
        """The canonical form (canonical.py), made once for each `keep`."""
        from autograder.architecture.canonical import canonical

        if keep not in self._forms:
            self._forms[keep] = canonical(self, keep)
        return self._forms[keep]

    @property
    def canonical(self) -> Architecture:
        """The canonical form."""
        return self.form()

    @cached_property
    def parameters(self) -> Parameters:
        """Parameter counts."""
        from autograder.architecture.parameters import count_parameters

        return count_parameters(self)

    @property
    def merges(self) -> tuple[Merge, ...]:
        """All nodes called on two or more different tensors, with fork and branches."""
        return self.blocks.merges

    @property
    def residual_blocks(self) -> tuple[ResidualBlock, ...]:
        """Sums of a body and a shortcut around it."""
        return self.blocks.residual

    @property
    def inception_modules(self) -> tuple[Merge, ...]:
        """Three or more branches from one tensor, concatenated over channels."""
        return self.blocks.inception

    @property
    def skips(self) -> tuple[Skip, ...]:
        """The skips of a U-Net."""
        return self.blocks.skips

    @property
    def blocks(self) -> Blocks:
        """All structures made of merges."""
        return self.canonical.own_blocks

    @cached_property
    def own_blocks(self) -> Blocks:
        """The same of this very form."""
        from autograder.architecture.blocks import Blocks
        from autograder.architecture.merges import find_merges

        return Blocks(self, find_merges(self))

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """One for each output."""
        from autograder.architecture.facts import heads

        return heads(self.canonical)

    @cached_property
    def trunk(self) -> tuple[Node, ...]:
        """The nodes that all outputs need."""
        from autograder.architecture.facts import trunk

        return trunk(self.canonical)

    @cached_property
    def ladder(self) -> tuple[Shape, ...]:
        """The resolutions along the longest way from input to output."""
        from autograder.architecture.facts import ladder

        return ladder(self.canonical)

    @cached_property
    def scales(self) -> tuple[float, ...]:
        """The same relative to the input, by strides alone: 1, 0.5, 0.25, …."""
        from autograder.architecture.facts import scales

        return scales(self.canonical)

    @cached_property
    def shared(self) -> dict[str, tuple[Node, ...]]:
        """The layers with weights that are called more than once."""
        from autograder.architecture.facts import shared_layers

        return shared_layers(self)

    @cached_property
    def dead_ends(self) -> tuple[Node, ...]:
        """The nodes that no output needs."""
        from autograder.architecture.facts import dead_ends

        return dead_ends(self)

    @property
    def opaque(self) -> tuple[Node, ...]:
        """What can't be looked into: layers of the student's own, Lambda."""
        return tuple(node for node in self.nodes if node.kind in {"opaque", "lambda"})

    @cached_property
    def batch_norms(self) -> tuple[BatchNorm, ...]:
        """All batch norms and their places."""
        from autograder.architecture.facts import batch_norms

        return batch_norms(self.canonical)

    @cached_property
    def preparations(self) -> tuple[Preparation, ...]:
        """Augmentations and rescalings."""
        from autograder.architecture.facts import preparations

        return preparations(self.canonical)

    @property
    def augmentation(self) -> tuple[Preparation, ...]:
        """Augmentations alone."""
        return tuple(found for found in self.preparations if found.node.kind == "augment")

    @cached_property
    def separable_convolutions(self) -> tuple[Node, ...]:
        """Separable convolutions, however they are written."""
        from autograder.architecture.facts import separable_convolutions

        return separable_convolutions(self.canonical)

    @property
    def frozen(self) -> tuple[Node, ...]:
        """Layers with weights that do not train; nodes as read."""
        return tuple(n for n in self.nodes if n.layer in self.parameters.layers and not n.trainable)

    @property
    def unfrozen(self) -> tuple[Node, ...]:
        """Layers with weights that train; nodes as read."""
        return tuple(n for n in self.nodes if n.layer in self.parameters.layers and n.trainable)

    def find_base(self, base: Architecture) -> Base:
        """A given network inside this one, nested or flat; nodes as read."""
        from autograder.architecture.facts import find_base

        return find_base(self, base)

    def activations_after(self, node: Node) -> tuple[str, ...]:
        """The names of the activations that read a canonical node directly."""
        from autograder.architecture.layers import activation

        return tuple(name for child in self.canonical.children(node) if (name := activation(child)))

    def match(self, expression: str) -> Match:
        """Whether the architecture is as a branch expression (expression.py) says."""
        from autograder.architecture.match import match

        return match(expression, self)

    def expect(self, expression: str) -> Match:
        """The match, or Mismatch raised."""
        from autograder.architecture.match import expect

        return expect(expression, self)

    @property
    def compile_config(self) -> Mapping[str, Any] | None:
        """Optimizer, losses and metrics, if the model was compiled."""
        found = self.config.get("compile_config")
        return found if isinstance(found, Mapping) else None

    @cached_property
    def _forms(self) -> dict[frozenset[str], Architecture]:
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
