"""One form for all spellings of a network.

What becomes the same: an activation as argument, layer or operation, ReLU as `ops.maximum(x, 0)`
too; `+`, `ops.add`, `layers.add` and `Add()`; nested models and flat ones; Dropout, Identity,
linear activations and zero padding, which are left out unless they are in `keep`; global pooling
however it is written, and a Flatten after it; depthwise followed by 1×1 and SeparableConv2D; Conv2D
with as many groups as channels and DepthwiseConv2D; runs of Rescaling, Normalization and constants.
What no output needs is left out, inputs apart, and what is multiplied by zero reads nothing.
What stays different: the order of convolution, batch norm and activation; activation before or
after a sum; Concatenate and Add; global pooling and Flatten.

Nodes keep their ids; a split-off activation gets a new one, and `Node.origin` says which nodes as
read it stands for.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from autograder.architecture.kinds import CONVOLUTIONS, NORMS, POOLS
from autograder.architecture.layers import (
    LINEAR,
    dilation,
    fused_activation,
    is_1x1,
    kernel,
    strides,
)
from autograder.architecture.layers import activation as activation_of
from autograder.architecture.node import Architecture, Config, Node, Shape, once
from autograder.architecture.reach import needed_for

SILENT = frozenset({"identity", "dropout", "pad"})
RESHAPING = frozenset({"flatten", "reshape"})
POINTWISE = SILENT | RESHAPING | NORMS | {"act", "dense", "arith", "getitem"}
DEPTHWISE = ("kernel_size", "strides", "padding", "dilation_rate", "depth_multiplier")
T = TypeVar("T")


def canonical(arch: Architecture, keep: frozenset[str] = frozenset()) -> Architecture:
    """The one form of all spellings, made once for each `keep`: kinds to leave in, "dropout",
    "pad", "identity", "dwconv" (not joined). A form that is asked for its form is that itself.
    """
    if arch.original is not None and not keep:
        return arch
    forms = _forms(arch.as_read)
    if keep not in forms:
        forms[keep] = _formed(arch.as_read, keep)
    return forms[keep]


def of_form(fact: Callable[[Architecture], T]) -> Callable[[Architecture], T]:
    """Let a fact be one about the canonical form, whether that or the architecture as read
    is given, and be worked out once.
    """
    of_this = once(fact)

    @functools.wraps(fact)
    def of_its_form(arch: Architecture) -> T:
        return of_this(canonical(arch))

    return of_its_form


@once
def _forms(_: Architecture) -> dict[frozenset[str], Architecture]:
    """The forms made so far, by what they keep."""
    return {}


def _formed(arch: Architecture, keep: frozenset[str]) -> Architecture:
    highest = max((node.id for node in arch.nodes), default=0)
    form = _Form(arch, keep, _uses(arch.nodes, arch.outputs), highest)
    for node in arch.nodes:
        form.take(node)
    outputs = tuple(form.instead[number] for number in arch.outputs)
    whole = dataclasses.replace(arch, nodes=tuple(form.nodes.values()), outputs=outputs)
    needed = needed_for(whole, outputs) | set(arch.inputs)
    nodes = tuple(node for node in whole.nodes if node.id in needed)
    if "dwconv" not in keep:
        nodes = _joined_separable(nodes, outputs)
    return dataclasses.replace(arch, nodes=nodes, outputs=outputs, original=arch)


def _uses(nodes: Iterable[Node], outputs: Iterable[int]) -> dict[int, int]:
    """How often each node's output is used, as an output of the model too."""
    count: dict[int, int] = {}
    for number in [*(number for node in nodes for number in node.inputs), *outputs]:
        count[number] = count.get(number, 0) + 1
    return count


@dataclass
class _Form:
    """The canonical nodes so far, and for each node as read the one that stands for it."""

    arch: Architecture
    keep: frozenset[str]
    uses: dict[int, int]
    fresh: int  # the highest id given so far
    nodes: dict[int, Node] = field(default_factory=dict)
    instead: dict[int, int] = field(default_factory=dict)

    def take(self, raw: Node) -> None:
        """Add the canonical form of one more node."""
        inputs = () if _is_zero(raw) else tuple(self.instead[number] for number in raw.inputs)
        node = dataclasses.replace(raw, inputs=inputs, origin=(raw.id,))
        if not inputs:
            self.instead[raw.id] = self.add(node)
            return
        if self.averages_the_rest(raw, node, self.nodes[inputs[0]]):
            node = self.average_of_both(node)
        parent = self.nodes[node.inputs[0]]
        node = _named_alike(node, parent, self.arch)
        self.instead[raw.id] = parent.id if self.is_absorbed(raw, node, parent) else self.add(node)

    def average_of_both(self, node: Node) -> Node:
        """A mean over one axis, and the one before it over the other, as one global pooling."""
        rows = self.nodes.pop(node.inputs[0])
        shape = (rows.shape[0], rows.shape[-1]) if rows.shape else None
        origin = (*rows.origin, *node.origin)
        return dataclasses.replace(node, kind="gap", inputs=rows.inputs, shape=shape, origin=origin)

    def is_absorbed(self, raw: Node, node: Node, parent: Node) -> bool:
        """Whether the parent stands for a node too, and then takes on what is left of it."""
        if self.changes_nothing(node, parent):
            if node.kind in RESHAPING and self.alone(raw, parent):
                self.nodes[parent.id] = dataclasses.replace(parent, shape=node.shape)
            return True
        if node.kind == "rescale" and self.continues(raw, parent):
            origin = (*parent.origin, *node.origin)
            self.nodes[parent.id] = dataclasses.replace(parent, origin=origin)
            return True
        return False

    def add(self, node: Node) -> int:
        """Add a node and, split off it, its activation; gives the last of them."""
        if node.kind == "sepconv" and "dwconv" in self.keep:
            node = self.first_half(node)
        self.nodes[node.id] = node
        if (name := fused_activation(node)) == "linear":
            return node.id
        self.nodes[node.id] = dataclasses.replace(
            node, config={**node.config, "activation": "linear"}
        )
        return self.add_activation(node, name)

    def changes_nothing(self, node: Node, parent: Node) -> bool:
        """Whether a node can be left out."""
        if node.kind == "act":
            return activation_of(node) == "linear"
        if node.kind in SILENT:
            return node.kind not in self.keep
        if node.kind not in RESHAPING or node.cls in {"Transpose", "Permute"}:
            return False
        after_pooling = parent.kind in {"gap", "gmp"} and _is_vector(node.shape, parent.channels)
        return after_pooling or (node.shape is not None and node.shape == parent.shape)

    def averages_the_rest(self, raw: Node, node: Node, parent: Node) -> bool:
        """Whether a mean over one axis of a feature map goes on from the mean over the other."""
        if node.cls != "Mean" or parent.cls != "Mean" or not self.alone(raw, parent):
            return False
        given = self.nodes[parent.inputs[0]].shape if parent.inputs else None
        axes = [_axis(parent, 4), _axis(node, 3)]
        return given is not None and len(given) == 4 and axes in ([1, 1], [2, 1])

    def alone(self, raw: Node, parent: Node) -> bool:
        """Whether a node is the only one that reads what it is called on."""
        return self.uses[raw.inputs[0]] == 1 and all(
            self.uses[number] == 1 for number in parent.origin[-1:]
        )

    def continues(self, raw: Node, parent: Node) -> bool:
        """Whether a scaling goes on from another one that nothing else reads."""
        return parent.kind == "rescale" and self.uses[raw.inputs[0]] == 1

    def new_id(self) -> int:
        """An id that no node as read has."""
        self.fresh += 1
        return self.fresh

    def add_activation(self, node: Node, name: str) -> int:
        """Split an activation off a layer."""
        split = dataclasses.replace(
            node,
            id=self.new_id(),
            kind="act",
            cls="Activation",
            config={"activation": name},
            inputs=(node.id,),
            layer=f"{node.layer}/activation",
            kwargs={},
            constants=(),
        )
        self.nodes[split.id] = split
        return split.id

    def first_half(self, node: Node) -> Node:
        """Write a separable convolution as a depthwise and a 1×1 one; gives the second."""
        per_channel = int(node.config.get("depth_multiplier", 1))
        channels = self.nodes[node.inputs[0]].channels
        between = None if channels is None else channels * per_channel
        depthwise = dataclasses.replace(
            node,
            id=self.new_id(),
            kind="dwconv",
            layer=f"{node.layer}/depthwise",
            config={**node.config, "activation": "linear", "use_bias": False},
            shape=(*node.shape[:-1], between) if node.shape else None,
        )
        self.nodes[depthwise.id] = depthwise
        ones = [1] * len(kernel(node) or (1, 1))
        sizes = dict.fromkeys(("kernel_size", "strides", "dilation_rate"), ones)
        return dataclasses.replace(
            node,
            kind="conv",
            inputs=(depthwise.id,),
            config={**node.config, **sizes, "padding": "same"},
            layer=f"{node.layer}/pointwise",
        )


def _is_zero(node: Node) -> bool:
    """Whether a node gives zeros, whatever it is called on."""
    if node.cls == "Rescaling":
        return node.config.get("scale") == node.config.get("offset") == 0
    return node.kind in {"arith", "op"} and (
        node.cls == "ZerosLike" or (node.cls == "Multiply" and node.constants == (0,))
    )


def _named_alike(node: Node, given: Node, arch: Architecture) -> Node:
    """The node with the kind, axis and padding by which all spellings of it are known."""
    if node.cls == "Maximum" and node.kind == "arith" and node.constants == (0,):  # max(x, 0)
        return dataclasses.replace(
            node, kind="act", cls="Activation", config={"activation": "relu"}, constants=()
        )
    kind, config = _known_as(node, given, arch)
    if kind in CONVOLUTIONS | POOLS:
        config = {**config, "padding": _effective_padding(node, given, arch)}
    if kind == node.kind and config is node.config:
        return node
    return dataclasses.replace(node, kind=kind, config=config)


def _known_as(node: Node, given: Node, arch: Architecture) -> tuple[str, Config]:
    """The kind by which a node is known, and its settings as layers of that kind have them."""
    if _rescales(node, given):
        return "rescale", node.config
    if node.kind in POOLS and _pools_globally(node, given.shape, arch):
        return ("gap" if node.kind == "avgpool" else "gmp"), node.config
    if node.kind == "conv" and _is_depthwise(node, given.channels):
        return "dwconv", _depthwise_config(node.config)
    axis = node.config.get("axis", -1)
    if node.kind == "concat" and node.shape and isinstance(axis, int):
        return "concat", {**node.config, "axis": axis % len(node.shape)}
    return node.kind, node.config


def _rescales(node: Node, given: Node) -> bool:
    linear = node.kind == "arith" and node.cls in LINEAR
    return node.kind == "normalize" or linear or _reverses_colours(node, given)


def _depthwise_config(config: Config) -> Config:
    """The settings of a convolution with a group for each channel, as DepthwiseConv2D has them."""
    kept = {key: value for key, value in config.items() if key not in {"filters", "groups"}}
    return {**kept, "depth_multiplier": int(config["filters"]) // int(config["groups"])}


def _axis(node: Node, rank: int) -> int | None:
    """The one axis, counted from the first, that an operation on `rank` axes removes."""
    axis = node.config.get("axis")
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    return axis % rank if isinstance(axis, int) and not node.config.get("keepdims") else None


def _is_vector(shape: Shape | None, channels: int | None) -> bool:
    return (
        shape is not None
        and len(shape) > 1
        and shape[-1] == channels
        and all(size == 1 for size in shape[1:-1])
    )


def _pools_globally(node: Node, given: Shape | None, arch: Architecture) -> bool:
    """Whether a pooling's one window covers its whole input, and the map of one pixel that it gives
    is not gone on with as a map: 2×2 pixels may as well be halved once more.
    """
    if (
        node.shape is None
        or given is None
        or len(given) < 3
        or any(size != 1 for size in node.shape[1:-1])
    ):
        return False
    if node.cls.startswith("Adaptive"):
        return True
    return given[1:-1] == kernel(node) and _becomes_a_vector(arch.node(node.origin[0]), arch)


def _becomes_a_vector(node: Node, arch: Architecture) -> bool:
    """Whether all that is done with a map of one pixel, until it is a vector or an output, is done
    to that pixel.
    """
    todo = list(arch.children(node))
    while todo:
        reader = todo.pop()
        if reader.kind not in POINTWISE and not is_1x1(reader):
            return False
        if reader.size is not None:
            todo += arch.children(reader)
    return True


def _is_depthwise(node: Node, channels: int | None) -> bool:
    groups, filters = node.config.get("groups", 1), node.config.get("filters")
    return (
        channels is not None
        and channels > 1
        and groups == channels
        and isinstance(filters, int)
        and filters % groups == 0
    )


def _reverses_colours(node: Node, given: Node) -> bool:
    """`x[..., ::-1]`, as the `preprocess_input` of older networks turns RGB into BGR."""
    if node.cls != "GetItem" or node.shape is None or node.shape != given.shape:
        return False
    index = node.constants[0] if node.constants else None
    last = index[-1] if isinstance(index, list) and index else None
    steps = last.get("config") if isinstance(last, dict) else None
    return isinstance(steps, dict) and steps.get("step") == -1


def _effective_padding(node: Node, parent: Node, arch: Architecture) -> str:
    """Whether it is "same" or "valid" by what comes out,
    zero padding before the layer counted in.
    """
    declared = str(node.config.get("padding", "valid"))
    windows = _windows(node)
    if node.kind == "upconv" or windows is None:
        return declared
    given, left = parent.size, node.size
    if given and left and None not in (*given, *left) and len(given) == len(windows):
        return "same" if list(left) == _rounded_up(given, windows) else "valid"
    return _padding_before(windows, arch.node(node.origin[0]), arch) or declared


def _rounded_up(given: Shape, windows: Sequence[tuple[int, int, int]]) -> list[int]:
    """Height and width that "same" gives."""
    sizes = zip(given, windows, strict=True)
    return [math.ceil((size or 0) / step) for size, (_, step, _) in sizes]


def _windows(node: Node) -> list[tuple[int, int, int]] | None:
    """Kernel, stride and dilation along each axis; None where they aren't known."""
    window, step, gaps = kernel(node), strides(node), dilation(node)
    if window is None or step is None or gaps is None or not len(window) == len(step) == len(gaps):
        return None
    return list(zip(window, step, gaps, strict=True))


def _padding_before(
    windows: Sequence[tuple[int, int, int]], raw: Node, arch: Architecture
) -> str | None:
    """Whether the zeros before a layer make up for what its window cuts off: "same", or None."""
    needed = [gap * (window - 1) for window, _, gap in windows]
    margins = _margins_before(raw, arch)
    if not margins or len(margins) != len(needed):
        return None if any(needed) else "same"
    enough = all(
        need - step < margin <= need
        for need, (_, step, _), margin in zip(needed, windows, margins, strict=True)
    )
    return "same" if enough else None


def _margins_before(raw: Node, arch: Architecture) -> list[int] | None:
    """The rows and columns that zero padding adds right before a node."""
    before = arch.parents(raw)[0]
    sides = before.config.get("padding") if before.kind == "pad" else None
    if not isinstance(sides, list) or not all(isinstance(pair, list) for pair in sides):
        return None
    return [sum(pair) for pair in sides]


def _joined_separable(nodes: tuple[Node, ...], outputs: tuple[int, ...]) -> tuple[Node, ...]:
    """A depthwise convolution that only a 1×1 one reads,
    and that one, as a separable convolution.
    """
    by_id = {node.id: node for node in nodes}
    uses = _uses(nodes, outputs)
    gone: set[int] = set()
    for node in nodes:
        if len(node.inputs) != 1 or not _is_pointwise(node):
            continue
        first = by_id[node.inputs[0]]
        if first.kind == "dwconv" and uses[first.id] == 1:
            gone.add(first.id)
            by_id[node.id] = _separable(first, node)
    return tuple(by_id[node.id] for node in nodes if node.id not in gone)


def _is_pointwise(node: Node) -> bool:
    return (
        is_1x1(node)
        and set(strides(node) or ()) == {1}
        and node.config.get("groups", 1) == 1
        and isinstance(node.config.get("filters"), int)
    )


def _separable(depthwise: Node, pointwise: Node) -> Node:
    """The two as one layer."""
    config = {
        **{key: depthwise.config[key] for key in DEPTHWISE if key in depthwise.config},
        "filters": pointwise.config["filters"],
        "use_bias": any(half.config.get("use_bias", True) for half in (depthwise, pointwise)),
    }
    return dataclasses.replace(
        pointwise,
        kind="sepconv",
        config=config,
        inputs=depthwise.inputs,
        origin=(*depthwise.origin, *pointwise.origin),
        layer=f"{depthwise.layer}+{pointwise.layer}",
    )
