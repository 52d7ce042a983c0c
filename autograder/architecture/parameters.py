"""Parameter counts from the configuration alone:
what Keras' `count_params()` says, without building anything.

They are of the layers as read, whether that architecture or a form of it is given.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from autograder.architecture.kinds import LEARNING, is_keras, is_model, kind_of
from autograder.architecture.layers import kernel
from autograder.architecture.node import Architecture, Config, Node, Shape, once
from autograder.architecture.parse import read_config
from autograder.architecture.shapes import spatial

Counts = tuple[int, int]  # trainable unless the layer is frozen, never trainable
NO_BIAS: Config = {"use_bias": False, "bias_axes": None}
WEIGHTLESS = frozenset({
    "CategoryEncoding", "ContrastLimitedAdaptiveHistogramEqualization", "CustomScaleLayer",
    "Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "MaxNumBoundingBoxes",
    "MelSpectrogram", "Pipeline", "STFTSpectrogram", "StringLookup", "TextVectorization",
})  # fmt: skip
"""Layers of Keras of which only that is known: one that Keras will add may have weights."""


@dataclass(frozen=True)
class Parameters:
    """How many numbers a model has learnt or could learn;
    each layer's once, however often it is called.
    """

    total: int
    trainable: int
    non_trainable: int
    layers: Mapping[str, int]  # by `Node.layer`, those without any left out
    # layers whose count the configuration does not give: not in the totals
    unknown: tuple[str, ...] = ()
    # layers counted by their arrays, which do not say what of them ever trains
    undivided: tuple[str, ...] = ()


@once
def count_parameters(arch: Architecture) -> Parameters:
    """Parameters of a model; those of opaque layers from its weights, where there are some."""
    arch = arch.as_read
    layers, sizes = _layers(arch), _given_sizes(arch)
    counts = {layer: _counted(arch, node, sizes) for layer, node in layers.items()}
    known = {layer: found for layer, found in counts.items() if found is not None}
    total = sum(map(sum, known.values()))
    trainable = sum(found[0] for layer, found in known.items() if layers[layer].trainable)
    return Parameters(
        total,
        trainable,
        total - trainable,
        {layer: sum(found) for layer, found in known.items() if sum(found)},
        tuple(layers[layer].path for layer, found in counts.items() if found is None),
        tuple(node.path for node in layers.values() if _is_undivided(arch, node)),
    )


def bounds(arch: Architecture, quantity: str) -> tuple[float, float]:
    """Between which numbers "parameters", "trainable", "non_trainable" or "kernels" lie: twice the
    same one where all is known. What Keras counted in the student room, where it was asked, counts
    too: a layer that stands in two nested models has two configurations.
    """
    counts, live = count_parameters(arch), arch.as_read.config.get("live")
    asked = live.get("parameters") if isinstance(live, Mapping) else None
    other = asked if isinstance(asked, int) else counts.total
    found = NUMBERS[quantity](arch)
    if quantity == "parameters":
        low, high, doubtful = min(found, other), max(found, other), False
    else:
        open_ = counts.undivided and quantity != "kernels"
        low, high = 0 if open_ or other < counts.total else found, found
        wrapped = quantity == "kernels" and any(n.kind == "wrapper" for n in with_weights(arch))
        doubtful = bool(open_ or wrapped)
    return low, math.inf if doubtful or counts.unknown else high


@once
def kernel_parameters(arch: Architecture) -> int:
    """Parameters in kernels alone: biases and norms, which tasks leave free, are not counted, and
    neither is what a layer wraps.
    """
    arch = arch.as_read
    total, every = 0, count_parameters(arch).layers
    for layer, node in _layers(arch).items():
        if node.kind in LEARNING:
            bare = dataclasses.replace(node, config={**node.config, **NO_BIAS})
            found = layer_parameters(bare, [parent.shape for parent in arch.parents(node)])
            total += every.get(layer, 0) if found is None else sum(found)
    return total


@once
def frozen(arch: Architecture) -> tuple[Node, ...]:
    """The layers with weights that do not train."""
    return tuple(node for node in with_weights(arch) if not node.trainable)


@once
def unfrozen(arch: Architecture) -> tuple[Node, ...]:
    """The layers with weights that train."""
    return tuple(node for node in with_weights(arch) if node.trainable)


@once
def with_weights(arch: Architecture) -> tuple[Node, ...]:
    """The layers that have weights, or may have."""
    counts = count_parameters(arch)
    nodes = arch.as_read.nodes
    return tuple(n for n in nodes if n.layer in counts.layers or n.path in counts.unknown)


NUMBERS: Mapping[str, Callable[[Architecture], int]] = {
    "parameters": lambda arch: count_parameters(arch).total,
    "trainable": lambda arch: count_parameters(arch).trainable,
    "non_trainable": lambda arch: count_parameters(arch).non_trainable,
    "kernels": kernel_parameters,
}


def layer_parameters(node: Node, inputs: Sequence[Shape | None]) -> Counts | None:
    """Trainable and never trainable parameters of one layer;
    None where the configuration does not say.
    """
    keras_own = is_keras(node.module)
    if node.kind == "lambda" or (keras_own and ".ops" in node.module):
        return 0, 0
    if node.kind == "opaque":
        return (0, 0) if keras_own and node.cls in WEIGHTLESS else None
    rule = RULES.get(node.cls) or RULES.get(node.kind)
    if rule is None:
        return None if node.kind in {"rnn", "wrapper", "attention"} else (0, 0)
    try:
        return (
            None if _is_rewritten(node.config) else rule(node, _given_shape(node, inputs), inputs)
        )
    except (KeyError, IndexError, TypeError, ValueError, ZeroDivisionError, AttributeError):
        return None


def _is_rewritten(config: Config) -> bool:
    """Whether a layer was quantised or given LoRA's factors, which changes what arrays it has."""
    dtype = config.get("dtype")
    policy = dtype.get("class_name") if isinstance(dtype, Mapping) else dtype
    return (
        str(policy).startswith("Quantized")
        or "_from_" in str(policy)
        or any(config.get(key) for key in ("lora_rank", "quantization_config"))
    )


def _layers(arch: Architecture) -> dict[str, Node]:
    """The first call of each layer."""
    found: dict[str, Node] = {}
    for node in arch.nodes:
        found.setdefault(node.layer, node)
    return found


def _is_undivided(arch: Architecture, node: Node) -> bool:
    """Whether a layer's parameters are those of plain arrays: a live model's variables say whether
    they train.
    """
    if layer_parameters(node, [parent.shape for parent in arch.parents(node)]) is not None:
        return False
    keys = [key for key in arch.weights if key.rpartition(":")[0] == node.path]
    return any(not hasattr(arch.weights[key], "trainable") for key in keys)


def _counted(arch: Architecture, node: Node, sizes: Mapping[str, Counts]) -> Counts | None:
    found = layer_parameters(node, [parent.shape for parent in arch.parents(node)])
    if found is None and arch.weights:
        return sizes.get(node.layer, sizes.get(node.path, (0, 0)))
    return found


def _given_sizes(arch: Architecture) -> dict[str, Counts]:
    """Parameters by path as the arrays say; of a live model's variables,
    by whether they ever train.
    """
    sizes: dict[str, Counts] = {}
    for key, array in arch.weights.items():
        path = key.rpartition(":")[0]
        size = math.prod(array.shape)
        fixed = getattr(array, "trainable", True) is False
        for prefix in _prefixes(path):
            trains, never = sizes.get(prefix, (0, 0))
            sizes[prefix] = (trains, never + size) if fixed else (trains + size, never)
    return sizes


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]


def _given_shape(node: Node, inputs: Sequence[Shape | None]) -> Shape:
    """The shape of a layer's first input, if need be as it was built for; () if not known."""
    if inputs and inputs[0] is not None:
        return inputs[0]
    shape = node.build.get("input_shape")
    if not isinstance(shape, list) or any(isinstance(size, list) for size in shape):
        return ()
    return tuple(shape)


def _bias(config: Config, count: int) -> int:
    return count if config.get("use_bias", True) else 0


def _channels(shape: Shape, config: Config) -> int:
    size = shape[1 if config.get("data_format") == "channels_first" else -1]
    if size is None:
        raise ValueError("the number of channels is not known")
    return size


def _conv(node: Node, x: Shape, _: Any) -> Counts:
    config, filters = node.config, int(node.config["filters"])
    window = math.prod(spatial(config["kernel_size"], len(x) - 2))
    return (
        window * (_channels(x, config) // int(config.get("groups") or 1)) * filters
        + _bias(config, filters),
        0,
    )


def _dwconv(node: Node, x: Shape, _: Any) -> Counts:
    channels = _channels(x, node.config) * int(node.config.get("depth_multiplier", 1))
    return math.prod(kernel(node) or ()) * channels + _bias(node.config, channels), 0


def _sepconv(node: Node, x: Shape, _: Any) -> Counts:
    config, filters = node.config, int(node.config["filters"])
    channels = _channels(x, config) * int(config.get("depth_multiplier", 1))
    return math.prod(kernel(node) or ()) * channels + channels * filters + _bias(config, filters), 0


def _dense(node: Node, x: Shape, _: Any) -> Counts:
    units = int(node.config["units"])
    return _channels(x, {}) * units + _bias(node.config, units), 0


def _einsum_dense(node: Node, x: Shape, _: Any) -> Counts:
    terms, result = node.config["equation"].replace(" ", "").split("->")
    data, weights = terms.split(",")
    rest = len(x) - len(data.replace("...", ""))
    sizes = dict(
        zip(data.replace("...", ""), x[rest:] if data.startswith("...") else x, strict=False)
    )
    asked = node.config["output_shape"]
    target = [asked] if isinstance(asked, int) else list(asked)
    letters = result.replace("...", "")
    sizes |= {
        k: v for k, v in zip(reversed(letters), reversed(target), strict=False) if v is not None
    }
    bias = node.config.get("bias_axes")
    return (
        math.prod(_known(sizes[k]) for k in weights)
        + (math.prod(_known(sizes[k]) for k in bias) if bias else 0),
        0,
    )


def _known(size: int | None) -> int:
    if size is None:
        raise ValueError("a size is not known")
    return size


def _norm_size(node: Node, x: Shape) -> int:
    axes = node.config.get("axis", -1)
    return math.prod(
        _known(x[axis]) for axis in (axes if isinstance(axes, list | tuple) else [axes])
    )


def _bn(node: Node, x: Shape, _: Any) -> Counts:
    size = _norm_size(node, x)
    return (
        size * (bool(node.config.get("scale", True)) + bool(node.config.get("center", True))),
        2 * size,
    )


def _affine(node: Node, x: Shape, _: Any) -> Counts:
    config, size = node.config, _norm_size(node, x)
    center = config.get("center", True) and not config.get("rms_scaling")
    return size * (bool(config.get("scale", True)) + bool(center)), 0


def _rms(node: Node, x: Shape, _: Any) -> Counts:
    return _norm_size(node, x), 0


def _normalization(node: Node, x: Shape, _: Any) -> Counts:
    if node.config.get("mean") is not None:
        return 0, 0
    axes = node.config.get("axis", -1)
    kept = axes if isinstance(axes, list | tuple) else [] if axes is None else [axes]
    return 0, 2 * math.prod(_known(x[axis]) for axis in kept) + 1


def _prelu(node: Node, x: Shape, _: Any) -> Counts:
    shared = node.config.get("shared_axes") or ()
    return (
        math.prod(1 if axis in shared else _known(size) for axis, size in enumerate(x) if axis > 0),
        0,
    )


def _embedding(node: Node, _: Shape, __: Any) -> Counts:
    return int(node.config["input_dim"]) * int(node.config["output_dim"]), 0


def _recurrent(gates: int) -> Callable[[Node, Shape, Any], Counts]:
    def count(node: Node, x: Shape, _: Any) -> Counts:
        units = int(node.config["units"])
        biases = 2 if node.cls == "GRU" and node.config.get("reset_after", True) else 1
        return (
            gates * (_channels(x, {}) * units + units * units + _bias(node.config, biases * units)),
            0,
        )

    return count


def _attention(node: Node, x: Shape, inputs: Sequence[Shape | None]) -> Counts:
    config = node.config
    heads, size = int(config["num_heads"]), int(config["key_dim"])
    value_size = int(config.get("value_dim") or size)
    query = _channels(x, {})
    value = _channels(inputs[1] or (), {}) if len(inputs) > 1 else query
    key = _channels(inputs[2] or (), {}) if len(inputs) > 2 else value
    asked = config.get("output_shape")
    output = query if asked is None else math.prod([asked] if isinstance(asked, int) else asked)
    kernels = heads * (size * (query + key) + value_size * (value + output))
    return kernels + _bias(config, heads * (2 * size + value_size) + output), 0


def _dot_attention(node: Node, _: Shape, __: Any) -> Counts:
    concat = node.config.get("score_mode") == "concat"
    return int(bool(node.config.get("use_scale"))) + int(concat), 0


def _layer_scale(node: Node, _: Shape, __: Any) -> Counts:
    return int(node.config["projection_dim"]), 0


def _wrapped(node: Node, x: Shape, _: Any) -> Counts:
    """The layer or model inside a TimeDistributed, Bidirectional or SpectralNormalization."""
    entry = node.config["layer"]
    shape = (x[0], *x[2:]) if node.cls == "TimeDistributed" else x
    trains, never = _inside(entry, shape)
    if node.cls == "Bidirectional":
        back = _inside(node.config.get("backward_layer") or entry, shape)
        return trains + back[0], never + back[1]
    if node.cls == "SpectralNormalization":
        inner = entry["config"]
        kind = kind_of(entry["class_name"], entry.get("module"), inner, 1)
        vector = {"conv": inner.get("filters"), "dense": inner.get("units")}.get(kind)
        return trains, never + _known(_channels(x, inner) if kind == "upconv" else vector)
    return trains, never


def _inside(entry: Config, shape: Shape) -> Counts:
    """What an entry inside of another one counts; a frozen part never trains."""
    config = entry["config"]
    if is_model(config):
        found = count_parameters(read_config(entry))
        counts = None if found.unknown else (found.trainable, found.non_trainable)
    else:
        cls, module = entry["class_name"], entry.get("module") or ""
        kind = kind_of(cls, module, config, 1)
        layer = Node(0, "", "", kind, cls, module, config, "", shape=shape)
        counts = layer_parameters(layer, [shape])
    if counts is None:
        raise ValueError("the wrapped layer is not known")
    return (0, sum(counts)) if config.get("trainable") is False else counts


RULES: dict[str, Callable[[Node, Shape, Sequence[Shape | None]], Counts]] = {
    "conv": _conv, "upconv": _conv, "dwconv": _dwconv, "sepconv": _sepconv,
    "Dense": _dense, "EinsumDense": _einsum_dense, "Embedding": _embedding,
    "bn": _bn, "LayerNormalization": _affine, "GroupNormalization": _affine,
    "RMSNormalization": _rms, "Normalization": _normalization, "PReLU": _prelu,
    "SimpleRNN": _recurrent(1), "GRU": _recurrent(3), "LSTM": _recurrent(4),
    "MultiHeadAttention": _attention,
    "Attention": _dot_attention,
    "LayerScale": _layer_scale,
    **dict.fromkeys(("TimeDistributed", "Bidirectional", "SpectralNormalization"), _wrapped),
}  # fmt: skip
"""By class, else by kind."""
