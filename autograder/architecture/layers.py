"""Settings of one layer, read the same way whatever its class:
kernel, stride, width, activation.
"""

from __future__ import annotations

from typing import Any

from autograder.architecture.kinds import CONVOLUTIONS, POOLS, activation_name, layer_activation
from autograder.architecture.node import Node

LINEAR = frozenset({"Add", "Subtract", "Multiply", "TrueDivide", "Divide"})


def kernel(node: Node) -> tuple[int, ...] | None:
    """Kernel or pooling window, one number for each axis; None for what has none."""
    for key in ("kernel_size", "pool_size"):
        if key in node.config:
            return _numbers(node.config[key], _rank(node))
    return None


def strides(node: Node) -> tuple[int, ...] | None:
    """How far the window moves; for what up-samples, the factor by which it enlarges."""
    if node.kind in POOLS:
        return _numbers(node.config.get("strides"), _rank(node)) or kernel(node)
    if node.kind in CONVOLUTIONS:
        return _numbers(node.config.get("strides", 1), _rank(node))
    if node.kind == "upsample":
        return _numbers(node.config.get("size"), _rank(node))
    return None


def dilation(node: Node) -> tuple[int, ...] | None:
    """The gaps between a kernel's weights."""
    return _numbers(node.config.get("dilation_rate") or 1, _rank(node))


def width(node: Node) -> int | None:
    """Filters or units: how many numbers a layer with weights gives for each place."""
    for key in ("filters", "units"):
        if isinstance(node.config.get(key), int):
            return int(node.config[key])
    return node.channels if node.kind in {"dwconv", "dense"} else None


def activation(node: Node) -> str | None:
    """The activation that an activation layer is; None for any other node."""
    if node.kind != "act":
        return None
    name = layer_activation(node.cls, node.config)
    # a softmax over rows is none over channels
    return name if name != "softmax" or _is_last_axis(node) else "softmax over another axis"


def fused_activation(node: Node) -> str:
    """The activation that a layer applies to its own output: "linear" for none."""
    if node.kind in CONVOLUTIONS | {"dense"}:
        return activation_name(node.config.get("activation"))
    return "linear"


def resampling(node: Node) -> float:
    """By which factor a node changes height and width:
    0.5 for stride 2, 2 for up-sampling by two, 1 for most.
    """
    step = max(strides(node) or (1,), default=1)
    if node.kind in {"upsample", "upconv"}:
        return float(step)
    return 1 / step if node.kind in CONVOLUTIONS | POOLS and step > 1 else 1.0


def is_1x1(node: Node) -> bool:
    """Whether a node is a convolution of single pixels."""
    return node.kind == "conv" and set(kernel(node) or ()) == {1}


def label(node: Node) -> str:
    """A node as a word of an expression: conv3x3/2:64."""
    if node.kind == "act":
        return activation(node) or "act"
    text = node.kind
    if (window := kernel(node)) is not None:
        text += "x".join(map(str, window))
    step = strides(node) or (1,)
    if len(set(step)) == 1 and step[0] > 1:
        text += f"/{step[0]}"
    elif max(step) > 1:
        text += "/" + "x".join(map(str, step))
    return f"{text}:{width(node)}" if width(node) is not None and node.kind != "dwconv" else text


def _is_last_axis(node: Node) -> bool:
    axis = node.config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    return axis is None or axis in {-1, len(node.shape) - 1 if node.shape else -1}


def _rank(node: Node) -> int:
    return max(len(node.shape) - 2, 1) if node.shape else 2


def _numbers(value: Any, rank: int) -> tuple[int, ...] | None:
    if isinstance(value, int):
        return (value,) * rank
    if (
        isinstance(value, list | tuple)
        and value
        and all(isinstance(number, int) for number in value)
    ):
        return tuple(value)
    return None
