"""One form for all spellings of a network.

What becomes the same: an activation as argument, layer or operation, ReLU as `ops.maximum(x, 0)`
too; `+`, `ops.add`, `layers.add` and `Add()`; nested models and flat ones; Dropout, Identity,
linear activations and zero padding, which are left out unless they are in `keep`; global pooling
however it is written, and a Flatten after it; depthwise followed by 1×1 and SeparableConv2D; Conv2D
with as many groups as channels and DepthwiseConv2D; runs of Rescaling, Normalization and constants.
What stays different: the order of convolution, batch norm and activation; activation before or
after a sum; Concatenate and Add; global pooling and Flatten.

Nodes keep their ids; a split-off activation gets a new one, and `Node.origin` says which nodes as
read it stands for.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from autograder.architecture.kinds import CONVOLUTIONS, POOLS
from autograder.architecture.layers import LINEAR, dilation, fused_activation, kernel, strides
from autograder.architecture.layers import activation as activation_of
from autograder.architecture.node import Architecture, Node, Shape

SILENT = frozenset({"identity", "dropout", "pad"})
DEPTHWISE = ("kernel_size", "strides", "padding", "dilation_rate", "depth_multiplier")
WEIGHTY = frozenset({"conv", "sepconv", "dwconv", "upconv", "dense"})


def canonical(arch: Architecture, keep: frozenset[str] = frozenset()) -> Architecture:
    """The one form of all spellings; `keep`: kinds to leave in, "dropout",
    "pad", "identity", "dwconv" (not joined).
    """
    form = _Form(
        arch,
        keep,
        _uses(arch.nodes, arch.outputs),
        fresh=max((node.id for node in arch.nodes), default=0),
    )
    for node in arch.nodes:
        form.take(node)
    nodes = tuple(form.nodes.values())
    outputs = tuple(form.instead[number] for number in arch.outputs)
    if "dwconv" not in keep:
        nodes = _joined_separable(nodes, outputs)
    return dataclasses.replace(arch, nodes=nodes, outputs=outputs)


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
        node = dataclasses.replace(
            raw,
            inputs=tuple(self.instead[number] for number in raw.inputs),
            origin=raw.origin or (raw.id,),
        )
        parents = [self.nodes[number] for number in node.inputs]
        if parents and self.averages_the_rest(raw, node, parents[0]):
            rows = self.nodes.pop(parents[0].id)
            shape = (rows.shape[0], rows.shape[-1]) if rows.shape else None
            node = dataclasses.replace(
                node,
                kind="gap",
                inputs=rows.inputs,
                shape=shape,
                origin=(*rows.origin, *node.origin),
            )
            parents = [self.nodes[number] for number in node.inputs]
        node = _named_alike(node, parents, self.arch)
        if parents and self.changes_nothing(node, parents[0]):
            self.instead[raw.id] = parents[0].id
            if node.kind in {"flatten", "reshape"} and self.alone(raw, parents[0]):
                self.nodes[parents[0].id] = dataclasses.replace(parents[0], shape=node.shape)
            return
        if node.kind == "rescale" and self.continues(raw, parents[0]):
            self.instead[raw.id] = parents[0].id
            self.nodes[parents[0].id] = dataclasses.replace(
                parents[0], origin=(*parents[0].origin, *node.origin)
            )
            return
        if node.kind == "sepconv" and "dwconv" in self.keep:
            node = self.first_half(node)
        self.nodes[node.id] = node
        self.instead[raw.id] = node.id
        if (name := fused_activation(node)) != "linear":
            self.nodes[node.id] = dataclasses.replace(
                node, config={**node.config, "activation": "linear"}
            )
            self.instead[raw.id] = self.add_activation(node, name)

    def changes_nothing(self, node: Node, parent: Node) -> bool:
        """Whether a node can be left out."""
        if node.kind == "act":
            return activation_of(node) == "linear"
        if node.kind in SILENT:
            return node.kind not in self.keep
        if node.kind in {"flatten", "reshape"}:
            after_pooling = parent.kind in {"gap", "gmp"} and _is_vector(
                node.shape, parent.channels
            )
            return node.cls not in {"Transpose", "Permute"} and (
                after_pooling or (node.shape is not None and node.shape == parent.shape)
            )
        return False

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
        depthwise = dataclasses.replace(
            node,
            id=self.new_id(),
            kind="dwconv",
            layer=f"{node.layer}/depthwise",
            config={**node.config, "activation": "linear", "use_bias": False},
            shape=(*node.shape[:-1], self._times(node.inputs[0], per_channel))
            if node.shape
            else None,
        )
        self.nodes[depthwise.id] = depthwise
        ones = [1] * len(kernel(node) or (1, 1))
        config = {
            **node.config,
            "kernel_size": ones,
            "strides": ones,
            "dilation_rate": ones,
            "padding": "same",
        }
        return dataclasses.replace(
            node,
            kind="conv",
            inputs=(depthwise.id,),
            config=config,
            layer=f"{node.layer}/pointwise",
        )

    def _times(self, number: int, factor: int) -> int | None:
        channels = self.nodes[number].channels
        return None if channels is None else channels * factor


def _named_alike(node: Node, parents: list[Node], arch: Architecture) -> Node:
    """The node with the kind, axis and padding by which all spellings of it are known."""
    kind = node.kind
    changes: dict[str, Any] = {}
    if node.cls == "Maximum" and kind == "arith" and node.constants == (0,):  # max(x, 0)
        return dataclasses.replace(
            node, kind="act", cls="Activation", config={"activation": "relu"}, constants=()
        )
    if (
        kind == "normalize"
        or (kind == "arith" and node.cls in LINEAR)
        or _reverses_colours(node, parents)
    ):
        kind = "rescale"
    elif kind in POOLS and parents and _pools_everything(node, parents[0].shape):
        kind = "gap" if kind == "avgpool" else "gmp"
    elif kind == "conv" and parents and _is_depthwise(node, parents[0].channels):
        kind = "dwconv"
        changes["depth_multiplier"] = int(node.config["filters"]) // int(node.config["groups"])
    elif kind == "concat" and node.shape:
        axis = node.config.get("axis", -1)
        changes["axis"] = axis % len(node.shape) if isinstance(axis, int) else axis
    if kind in CONVOLUTIONS | POOLS and parents:
        changes["padding"] = _effective_padding(node, parents[0], arch)
    if kind == node.kind and not changes:
        return node
    config: dict[str, Any] = {**node.config, **changes}
    if kind == "dwconv" and node.kind == "conv":
        config = {key: value for key, value in config.items() if key not in {"filters", "groups"}}
    return dataclasses.replace(node, kind=kind, config=config)


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


def _pools_everything(node: Node, given: Shape | None) -> bool:
    """Whether a pooling's one window covers its whole input."""
    if (
        node.shape is None
        or given is None
        or len(given) < 3
        or any(size != 1 for size in node.shape[1:-1])
    ):
        return False
    if node.cls.startswith("Adaptive"):
        return True
    window = kernel(node) or ()
    return len(window) == len(given) - 2 and all(
        size == w for size, w in zip(given[1:-1], window, strict=True)
    )


def _is_depthwise(node: Node, channels: int | None) -> bool:
    groups, filters = node.config.get("groups", 1), node.config.get("filters")
    return (
        channels is not None
        and channels > 1
        and groups == channels
        and isinstance(filters, int)
        and filters % groups == 0
    )


def _reverses_colours(node: Node, parents: list[Node]) -> bool:
    """`x[..., ::-1]`, as the `preprocess_input` of older networks turns RGB into BGR."""
    if node.cls != "GetItem" or not parents or node.shape is None or node.shape != parents[0].shape:
        return False
    index = node.constants[0] if node.constants else None
    last = index[-1] if isinstance(index, list) and index else None
    return (
        isinstance(last, dict)
        and isinstance(last.get("config"), dict)
        and last["config"].get("step") == -1
    )


def _effective_padding(node: Node, parent: Node, arch: Architecture) -> str:
    """Whether it is "same" or "valid" by what comes out,
    zero padding before the layer counted in.
    """
    declared = str(node.config.get("padding", "valid"))
    if node.kind == "upconv":
        return declared
    window, step, gaps = kernel(node), strides(node), dilation(node)
    if window is None or step is None or gaps is None or not len(window) == len(step) == len(gaps):
        return declared
    if (
        parent.size
        and node.size
        and None not in (*parent.size, *node.size)
        and len(parent.size) == len(step)
    ):
        pairs = zip(parent.size, node.size, step, strict=True)
        return (
            "same"
            if all(after == math.ceil((before or 0) / s) for before, after, s in pairs)
            else "valid"
        )
    margins = _margins_before(arch.node(node.origin[0]), arch)
    needed = [gap * (w - 1) for w, gap in zip(window, gaps, strict=True)]
    if margins and len(margins) == len(needed):
        enough = all(n - s < m <= n for n, s, m in zip(needed, step, margins, strict=True))
        return "same" if enough else declared
    return "same" if not any(needed) else declared


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
        first = by_id[node.inputs[0]] if len(node.inputs) == 1 else None
        if (
            first is None
            or first.kind != "dwconv"
            or uses[first.id] != 1
            or not _is_pointwise(node)
        ):
            continue
        gone.add(first.id)
        config = {
            **{key: first.config[key] for key in DEPTHWISE if key in first.config},
            "filters": node.config["filters"], "use_bias": node.config.get("use_bias", True),
        }  # fmt: skip
        by_id[node.id] = dataclasses.replace(
            node,
            kind="sepconv",
            config=config,
            inputs=first.inputs,
            origin=(*first.origin, *node.origin),
            layer=f"{first.layer}+{node.layer}",
        )
    return tuple(by_id[node.id] for node in nodes if node.id not in gone)


def _is_pointwise(node: Node) -> bool:
    return (
        node.kind == "conv"
        and set(kernel(node) or ()) == {1}
        and set(strides(node) or ()) == {1}
        and node.config.get("groups", 1) == 1
        and isinstance(node.config.get("filters"), int)
    )
