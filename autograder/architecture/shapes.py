"""The output shape of a call from its inputs' shapes,
where Keras does not write it down (ends, Sequential).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from autograder.architecture.kinds import CONVOLUTIONS, NORMS, POOLS
from autograder.architecture.node import Config, Shape

SAME_SHAPE = NORMS | {
    "act", "dropout", "augment", "rescale", "normalize", "identity", "scale",
}  # fmt: skip
BROADCAST = frozenset({"add", "sub", "mul", "average", "max", "min", "arith"})


def infer_shape(
    kind: str, cls: str, config: Config, inputs: Sequence[Shape | None]
) -> Shape | None:
    """The shape, batch included; None where it can't be known.
    Never raises on a mangled configuration.
    """
    if not inputs or inputs[0] is None:
        return None
    try:
        return _infer(kind, cls, config, inputs[0], inputs)
    except (
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        ZeroDivisionError,
        AttributeError,
        OverflowError,
    ):
        return None


def spatial(value: Any, rank: int) -> tuple[int, ...]:
    """A kernel size, stride or the like, one number for each axis."""
    if isinstance(value, int):
        return (value,) * rank
    numbers = tuple(int(number) for number in value)
    if len(numbers) != rank:
        raise ValueError(f"{value!r} is not {rank} numbers")
    return numbers


def _infer(
    kind: str, cls: str, config: Config, x: Shape, inputs: Sequence[Shape | None]
) -> Shape | None:
    if kind in SAME_SHAPE:
        return _crop(config, x) if cls == "RandomCrop" else x
    if kind in BROADCAST:
        return _broadcast(inputs)
    if kind in CONVOLUTIONS | POOLS:
        return _windows(kind, cls, config, x)
    rule = RULES.get(kind)
    return rule(config, x) if rule else _joined(kind, config, x, inputs)


def _windows(kind: str, cls: str, config: Config, x: Shape) -> Shape | None:
    if _channels_first(config) or cls.startswith("Adaptive"):
        return None
    rank, pooling = len(x) - 2, kind in POOLS
    kernel = spatial(config["pool_size" if pooling else "kernel_size"], rank)
    strides = spatial(config.get("strides") or (kernel if pooling else 1), rank)
    dilation = spatial(config.get("dilation_rate") or 1, rank)
    padding = (config.get("padding", "valid"),) * rank
    if kind == "upconv":
        extra = _output_padding(config, rank)
        axes = tuple(map(_transposed, x[1:-1], kernel, strides, dilation, padding, extra))
    else:
        axes = tuple(map(_slid, x[1:-1], kernel, strides, dilation, padding))
    return (x[0], *axes, _channels(kind, config, x[-1]))


def _output_padding(config: Config, rank: int) -> tuple[int | None, ...]:
    padding = config.get("output_padding")
    return (None,) * rank if padding is None else spatial(padding, rank)


def _channels(kind: str, config: Config, given: int | None) -> int | None:
    if kind in POOLS:
        return given
    if kind == "dwconv":
        return None if given is None else given * int(config.get("depth_multiplier", 1))
    return int(config["filters"])


def _slid(size: int | None, kernel: int, stride: int, dilation: int, padding: str) -> int | None:
    if size is None:
        return None
    return (
        -(-size // stride)
        if padding in {"same", "causal"}
        else (size - dilation * (kernel - 1) - 1) // stride + 1
    )


def _transposed(
    size: int | None, kernel: int, stride: int, dilation: int, padding: str, extra: int | None
) -> int | None:
    if size is None:
        return None
    kernel = dilation * (kernel - 1) + 1
    if extra is None:
        return size * stride if padding == "same" else size * stride + max(kernel - stride, 0)
    return (size - 1) * stride + kernel - (2 * (kernel // 2) if padding == "same" else 0) + extra


def _joined(kind: str, config: Config, x: Shape, inputs: Sequence[Shape | None]) -> Shape | None:
    alike = [shape for shape in inputs if shape is not None and len(shape) == len(x)]
    if kind != "concat" or len(alike) < len(inputs):
        return None
    axis = int(config.get("axis", -1)) % len(x)
    sizes = [shape[axis] for shape in alike]
    total = None if None in sizes else sum(size or 0 for size in sizes)
    return (*x[:axis], total, *x[axis + 1 :])


def _broadcast(inputs: Sequence[Shape | None]) -> Shape | None:
    known = [shape for shape in inputs if shape is not None]
    if len(known) < len(inputs):
        return None
    rank = max(len(shape) for shape in known)
    padded = [(1,) * (rank - len(shape)) + shape for shape in known]
    return tuple(
        next((size for size in sizes if size != 1), 1) for sizes in zip(*padded, strict=True)
    )


def _global(config: Config, x: Shape) -> Shape:
    rank = len(x) - 2
    if _channels_first(config):
        return (*x[:2], *(1,) * rank) if config.get("keepdims") else x[:2]
    return (x[0], *(1,) * rank, x[-1]) if config.get("keepdims") else (x[0], x[-1])


def _flatten(_: Config, x: Shape) -> Shape:
    rest = [size for size in x[1:] if size is not None]
    return (x[0], math.prod(rest) if len(rest) == len(x) - 1 else None)


def _dense(config: Config, x: Shape) -> Shape | None:
    return (*x[:-1], int(config["units"])) if "units" in config else None


def _embedding(config: Config, x: Shape) -> Shape:
    return (*x, int(config["output_dim"]))


def _upsample(config: Config, x: Shape) -> Shape | None:
    if _channels_first(config):
        return None
    factors = spatial(config["size"], len(x) - 2)
    return (x[0], *(a and a * factor for a, factor in zip(x[1:-1], factors, strict=True)), x[-1])


def _pad(config: Config, x: Shape) -> Shape | None:
    if "padding" not in config or _channels_first(config):
        return None
    return _margins(config["padding"], x, 1)


def _crop(config: Config, x: Shape) -> Shape | None:
    if "height" in config and len(x) == 4:
        return (x[0], int(config["height"]), int(config["width"]), x[-1])
    return None if _channels_first(config) else _margins(config["cropping"], x, -1)


def _margins(margins: Any, x: Shape, sign: int) -> Shape:
    sides = [margins] if len(x) == 3 and not isinstance(margins[0], list | tuple) else margins
    axes = [a and a + sign * sum(pair) for a, pair in zip(x[1:-1], sides, strict=True)]
    return (x[0], *axes, x[-1])


def _resize(config: Config, x: Shape) -> Shape | None:
    height, width = config["size"] if "size" in config else (config["height"], config["width"])
    return (x[0], int(height), int(width), x[-1])


def _reshape(config: Config, x: Shape) -> Shape | None:
    if "dims" in config:  # Permute
        return (x[0], *(x[int(axis)] for axis in config["dims"]))
    if "n" in config:  # RepeatVector
        return (x[0], int(config["n"]), *x[1:])
    if "target_shape" not in config:
        return None
    return (x[0], *_filled_in([int(size) for size in config["target_shape"]], x[1:]))


def _filled_in(target: list[int], given: Shape) -> Shape:
    """The target with the rest in the place of -1."""
    if -1 not in target:
        return tuple(target)
    if None in given:
        return tuple(None if size == -1 else size for size in target)
    others = math.prod(size for size in target if size != -1)
    rest = math.prod(size or 0 for size in given) // others
    place = target.index(-1)
    return (*target[:place], rest, *target[place + 1 :])


def _channels_first(config: Config) -> bool:
    return config.get("data_format") == "channels_first"


RULES = {
    "gap": _global,
    "gmp": _global,
    "flatten": _flatten,
    "dense": _dense,
    "embedding": _embedding,
    "upsample": _upsample,
    "pad": _pad,
    "crop": _crop,
    "resize": _resize,
    "reshape": _reshape,
}
