"""Facts about the canonical form: heads, resolutions, order."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.architecture.canonical import of_form
from autograder.architecture.kinds import CONVOLUTIONS, NORMS
from autograder.architecture.layers import activation, is_1x1, kernel
from autograder.architecture.node import Architecture, Node, Shape
from autograder.architecture.reach import outputs_reached

LAST = CONVOLUTIONS | {"dense"}


@dataclass(frozen=True, eq=False)
class Head:
    """An output and what stands right before it."""

    name: str  # the key of a dictionary of outputs, else the name of the last layer
    node: Node  # the output itself
    layer: Node | None  # the last layer with weights before it
    units: int | None  # size of the last axis
    activation: str  # "linear" for none
    # axes of the output, batch included: 2 for one vector an image, 4 for one for each pixel
    rank: int | None
    own: tuple[Node, ...]  # the nodes that no other output needs


@dataclass(frozen=True, eq=False)
class BatchNorm:
    """A batch norm and its place."""

    node: Node
    # the convolution or dense layer right before it, nothing but activations between
    layer: Node | None
    bias: bool  # whether that layer has a bias, which the batch norm makes idle
    after_activation: bool  # whether an activation stands between that layer and the batch norm
    channels_last: bool  # whether it normalises channels


@dataclass(frozen=True, eq=False)
class Preparation:
    """An augmentation or rescaling and whether it comes where it should."""

    node: Node
    before_convolutions: bool  # no layer with weights on any way to it, and one after it


@of_form
def heads(form: Architecture) -> tuple[Head, ...]:
    """What the model gives, one head for each output."""
    reached = outputs_reached(form)
    named = len(form.output_names) == len(form.outputs)
    names = form.output_names if named else ("",) * len(form.outputs)
    found = []
    for place, (number, name) in enumerate(zip(form.outputs, names, strict=True)):
        node = form.node(number)
        own = tuple(n for n in form.nodes if reached.get(n.id) == 1 << place)
        shape = node.shape
        found.append(Head(
            name or node.name, node, _last_layer(form, node), node.channels,
            activation(node) or "linear", len(shape) if shape else None, own,
        ))  # fmt: skip
    return tuple(found)


@of_form
def trunk(form: Architecture) -> tuple[Node, ...]:
    """The nodes that all outputs need."""
    reached, everything = outputs_reached(form), (1 << len(form.outputs)) - 1
    return tuple(node for node in form.nodes if reached.get(node.id, 0) == everything)


@of_form
def ladder(form: Architecture) -> tuple[Shape, ...]:
    """The resolutions (height, width) along the longest way from input to output,
    each once until it changes.
    """
    steps: list[Shape] = []
    for node in _main_path(form):
        if node.size is not None and node.size != (steps[-1] if steps else None):
            steps.append(node.size)
    return tuple(steps)


@of_form
def batch_norms(form: Architecture) -> tuple[BatchNorm, ...]:
    """All batch norms and what stands around them."""
    return tuple(_batch_norm(form, node) for node in form.nodes if node.kind == "bn")


@of_form
def preparations(form: Architecture) -> tuple[Preparation, ...]:
    """Augmentations and rescalings; a scaling between other layers is left out."""
    late, early = _after_learning(form), _before_learning(form)
    return tuple(
        Preparation(node, node.id not in late and node.id in early)
        for node in form.nodes
        if node.kind == "augment" or (node.kind == "rescale" and not _is_between(node, late))
    )


@of_form
def separable_convolutions(form: Architecture) -> tuple[Node, ...]:
    """Separable convolutions, and depthwise ones that a 1×1 follows after batch norm or activation;
    one that looks at single pixels separates nothing.
    """
    return tuple(
        node
        for node in form.nodes
        if (node.kind == "sepconv" or (node.kind == "dwconv" and _is_pointwise_next(form, node)))
        and set(kernel(node) or ()) != {1}
    )


def _main_path(form: Architecture) -> tuple[Node, ...]:
    """The longest way from an input to an output."""
    length: dict[int, int] = {}
    before: dict[int, int] = {}
    for node in form.nodes:
        longest = max(
            node.inputs,
            key=lambda number: (not _is_gate(form.node(number), node), length[number]),
            default=None,
        )
        length[node.id] = 1 + (0 if longest is None else length[longest])
        if longest is not None:
            before[node.id] = longest
    if not form.outputs:
        return ()
    way = [max(form.outputs, key=lambda number: length[number])]
    while way[-1] in before:
        way.append(before[way[-1]])
    return tuple(form.node(number) for number in reversed(way))


def _is_gate(node: Node, reader: Node) -> bool:
    """Whether a node only weighs channels (squeeze-and-excite):
    it is no part of the way of the feature maps.
    """
    return reader.kind == "mul" and node.size is not None and set(node.size) == {1}


def _last_layer(form: Architecture, node: Node) -> Node | None:
    while node.kind not in LAST:
        if len(set(node.inputs)) != 1:
            return None
        node = form.parents(node)[0]
    return node


def _batch_norm(form: Architecture, node: Node) -> BatchNorm:
    before, passed = form.parents(node)[0], False
    while before.kind == "act" and before.inputs:
        before, passed = form.parents(before)[0], True
    layer = before if before.kind in LAST else None
    axis = node.config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    return BatchNorm(
        node,
        layer,
        bias=layer is not None and layer.config.get("use_bias") is not False,
        after_activation=passed and layer is not None,
        channels_last=axis in {-1, len(node.shape) - 1 if node.shape else -1},
    )


def _after_learning(form: Architecture) -> set[int]:
    """The layers with weights, and all that comes after one."""
    found: set[int] = set()
    for node in form.nodes:
        if node.kind in LAST or not found.isdisjoint(node.inputs):
            found.add(node.id)
    return found


def _before_learning(form: Architecture) -> set[int]:
    """All that comes before a layer with weights."""
    found: set[int] = set()
    for node in reversed(form.nodes):
        if node.kind in LAST or node.id in found:
            found.update(node.inputs)
    return found


def _is_between(scaling: Node, late: set[int]) -> bool:
    """Whether a scaling is mere arithmetic between other layers."""
    return scaling.id in late and scaling.cls not in {"Rescaling", "Normalization"}


def _is_pointwise_next(form: Architecture, node: Node) -> bool:
    while len(form.children(node)) == 1:
        node = form.children(node)[0]
        if node.kind not in NORMS | {"act"}:
            return is_1x1(node)
    return False
