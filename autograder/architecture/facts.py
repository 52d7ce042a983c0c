"""Facts about an architecture, each a function of its canonical form:
heads, resolutions, sharing, freezing, order.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograder.architecture.kinds import CONVOLUTIONS, NORMS
from autograder.architecture.layers import activation, resampling, width
from autograder.architecture.node import Architecture, Node, Shape

LAST = frozenset({"dense", "conv", "sepconv", "upconv", "dwconv"})


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
    activation: str | None  # the activation right after it
    channels_last: bool  # whether it normalises channels


@dataclass(frozen=True, eq=False)
class Preparation:
    """An augmentation or rescaling and whether it comes where it should."""

    node: Node
    before_convolutions: bool  # no layer with weights on any way to it, and one after it


@dataclass(frozen=True, eq=False)
class Base:
    """A given network found again inside a model."""

    nodes: tuple[Node, ...]  # of the model, in the order of the given network's
    nested: bool
    missing: tuple[str, ...]  # names of the given network's layers that are not there


def heads(arch: Architecture) -> tuple[Head, ...]:
    """What the model gives, one head for each output."""
    reached = outputs_reached(arch)
    names = (
        arch.output_names
        if len(arch.output_names) == len(arch.outputs)
        else ("",) * len(arch.outputs)
    )
    found = []
    for place, (number, name) in enumerate(zip(arch.outputs, names, strict=True)):
        node = arch.node(number)
        own = tuple(n for n in arch.nodes if reached.get(n.id) == 1 << place)
        shape = node.shape
        found.append(Head(
            name or node.name, node, _last_layer(arch, node), shape[-1] if shape else None,
            activation(node) or "linear", len(shape) if shape else None, own,
        ))  # fmt: skip
    return tuple(found)


def outputs_reached(arch: Architecture) -> dict[int, int]:
    """For each node, as bits, the outputs that need it."""
    reached: dict[int, int] = {}
    for place, number in enumerate(arch.outputs):
        reached[number] = reached.get(number, 0) | 1 << place
    for node in reversed(arch.nodes):
        for parent in node.inputs:
            reached[parent] = reached.get(parent, 0) | reached.get(node.id, 0)
    return reached


def trunk(arch: Architecture) -> tuple[Node, ...]:
    """The nodes that all outputs need."""
    reached, everything = outputs_reached(arch), (1 << len(arch.outputs)) - 1
    return tuple(node for node in arch.nodes if reached.get(node.id, 0) == everything)


def dead_ends(arch: Architecture) -> tuple[Node, ...]:
    """The nodes that no output needs: inputs that nothing reads, branches that lead nowhere."""
    reached = outputs_reached(arch)
    return tuple(node for node in arch.nodes if not reached.get(node.id))


def inputs_reaching(arch: Architecture) -> dict[int, frozenset[int]]:
    """For each node the inputs (ids) that it depends on."""
    bits: dict[int, int] = {number: 1 << place for place, number in enumerate(arch.inputs)}
    for node in arch.nodes:
        for parent in node.inputs:
            bits[node.id] = bits.get(node.id, 0) | bits.get(parent, 0)
    sets: dict[int, frozenset[int]] = {}
    for mask in set(bits.values()):
        sets[mask] = frozenset(
            number for place, number in enumerate(arch.inputs) if mask >> place & 1
        )
    return {node.id: sets.get(bits.get(node.id, 0), frozenset()) for node in arch.nodes}


def main_path(arch: Architecture) -> tuple[Node, ...]:
    """The longest way from an input to an output."""
    length: dict[int, int] = {}
    before: dict[int, int] = {}
    for node in arch.nodes:
        longest = max(
            node.inputs,
            key=lambda number: (not _is_gate(arch.node(number), node), length[number]),
            default=None,
        )
        length[node.id] = 1 + (0 if longest is None else length[longest])
        if longest is not None:
            before[node.id] = longest
    if not arch.outputs:
        return ()
    way = [max(arch.outputs, key=lambda number: length[number])]
    while way[-1] in before:
        way.append(before[way[-1]])
    return tuple(arch.node(number) for number in reversed(way))


def ladder(arch: Architecture) -> tuple[Shape, ...]:
    """The resolutions (height, width) along the longest way, each once until it changes."""
    steps: list[Shape] = []
    for node in main_path(arch):
        if node.size is not None and node.size != (steps[-1] if steps else None):
            steps.append(node.size)
    return tuple(steps)


def scales(arch: Architecture) -> tuple[float, ...]:
    """The same relative to the input (1, 0.5, 0.25, …), by strides and up-sampling alone:
    for inputs of any size.
    """
    steps = [1.0]
    for node in main_path(arch):
        if (factor := resampling(node)) != 1:
            steps.append(steps[-1] * factor)
    return tuple(steps)


def shared_layers(arch: Architecture) -> dict[str, tuple[Node, ...]]:
    """The layers with weights that are called more than once, by `Node.layer`."""
    calls: dict[str, list[Node]] = {}
    for node in arch.nodes:
        if node.kind in CONVOLUTIONS | NORMS | {
            "dense",
            "embedding",
            "attention",
            "rnn",
            "wrapper",
            "opaque",
        }:
            calls.setdefault(node.layer, []).append(node)
    return {layer: tuple(nodes) for layer, nodes in calls.items() if len(nodes) > 1}


def batch_norms(arch: Architecture) -> tuple[BatchNorm, ...]:
    """All batch norms and what stands around them."""
    found = []
    for node in arch.nodes:
        if node.kind != "bn":
            continue
        layer, passed = arch.parents(node)[0], False
        while layer.kind == "act" and layer.inputs:
            layer, passed = arch.parents(layer)[0], True
        before = layer if layer.kind in LAST else None
        axis = node.config.get("axis", -1)
        axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
        found.append(BatchNorm(
            node, before, before is not None and before.config.get("use_bias") is not False,
            passed and before is not None,
            _next_activation(arch, node), axis in {-1, len(node.shape) - 1 if node.shape else -1},
        ))  # fmt: skip
    return tuple(found)


def preparations(arch: Architecture) -> tuple[Preparation, ...]:
    """Augmentations and rescalings; a scaling between other layers is left out."""
    learnt_before: set[int] = set()
    learnt_after: set[int] = set()
    for node in arch.nodes:
        if node.kind in LAST or any(number in learnt_before for number in node.inputs):
            learnt_before.add(node.id)
    for node in reversed(arch.nodes):
        if node.kind in LAST or node.id in learnt_after:
            learnt_after.update(node.inputs)
    return tuple(
        Preparation(node, node.id not in learnt_before and node.id in learnt_after)
        for node in arch.nodes
        if node.kind == "augment"
        or (
            node.kind == "rescale"
            and (node.id not in learnt_before or node.cls in {"Rescaling", "Normalization"})
        )
    )


def separable_convolutions(arch: Architecture) -> tuple[Node, ...]:
    """Separable convolutions, and depthwise ones
    that a 1×1 follows after batch norm or activation.
    """
    return tuple(
        node
        for node in arch.nodes
        if node.kind == "sepconv" or (node.kind == "dwconv" and _is_pointwise_next(arch, node))
    )


def find_base(arch: Architecture, base: Architecture) -> Base:
    """The layers of `base` inside `arch`, nested or flat, by name, class and width."""
    by_name: dict[tuple[str, str], list[Node]] = {}
    for node in arch.nodes:
        by_name.setdefault((node.name, node.cls), []).append(node)
    nodes, missing = [], []
    for wanted in base.nodes:
        if wanted.kind == "input":
            continue
        same = [
            node
            for node in by_name.get((wanted.name, wanted.cls), ())
            if width(node) == width(wanted)
        ]
        if same:
            nodes.append(max(same, key=lambda node: len(node.models)))
        else:
            missing.append(wanted.name)
    return Base(tuple(nodes), any(node.models for node in nodes), tuple(missing))


def _is_gate(node: Node, reader: Node) -> bool:
    """Whether a node only weighs channels (squeeze-and-excite):
    it is no part of the way of the feature maps.
    """
    return reader.kind == "mul" and node.size is not None and set(node.size) == {1}


def _last_layer(arch: Architecture, node: Node) -> Node | None:
    while node.kind not in LAST:
        if len(set(node.inputs)) != 1:
            return None
        node = arch.parents(node)[0]
    return node


def _next_activation(arch: Architecture, node: Node) -> str | None:
    found = {activation(child) for child in arch.children(node)}
    return found.pop() if len(found) == 1 else None


def _is_pointwise_next(arch: Architecture, node: Node) -> bool:
    while len(arch.children(node)) == 1:
        node = arch.children(node)[0]
        if node.kind not in NORMS | {"act"}:
            return node.kind == "conv" and set(node.config.get("kernel_size", ())) == {1}
    return False
