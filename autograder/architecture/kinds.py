"""What a layer or operation is, from its class and module alone: one short word for each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ACTIVATIONS = {
    "ReLU": "relu", "Relu": "relu", "Relu6": "relu6", "LeakyReLU": "leaky_relu",
    "LeakyRelu": "leaky_relu", "PReLU": "prelu", "ELU": "elu", "Elu": "elu", "Selu": "selu",
    "Celu": "celu", "Gelu": "gelu", "Silu": "silu", "Softmax": "softmax",
    "LogSoftmax": "log_softmax", "Sigmoid": "sigmoid", "LogSigmoid": "log_sigmoid",
    "Tanh": "tanh", "HardSigmoid": "hard_sigmoid", "HardSilu": "hard_silu",
    "HardTanh": "hard_tanh", "Softplus": "softplus", "Softsign": "softsign",
    "SoftSign": "softsign", "Glu": "glu", "Exponential": "exponential", "Mish": "mish",
    "TanhShrink": "tanh_shrink", "SoftShrink": "soft_shrink", "HardShrink": "hard_shrink",
    "SquarePlus": "squareplus", "SparsePlus": "sparse_plus", "Sparsemax": "sparsemax",
    "SparseSigmoid": "sparse_sigmoid", "Threshold": "threshold",
}  # fmt: skip
SPELLINGS = {"swish": "silu", "hard_swish": "hard_silu", "leakyrelu": "leaky_relu"}
"""Second names that Keras gives to the same activation."""

ROUNDED = (1, 2, 3)  # the spatial ranks for which Keras has a class
LAYERS = {
    "InputLayer": "input",
    "Dense": "dense",
    "EinsumDense": "dense",
    "Embedding": "embedding",
    **{f"Conv{d}D": "conv" for d in ROUNDED},
    **{f"SeparableConv{d}D": "sepconv" for d in ROUNDED},
    **{f"DepthwiseConv{d}D": "dwconv" for d in ROUNDED},
    **{f"Conv{d}DTranspose": "upconv" for d in ROUNDED},
    **{f"MaxPooling{d}D": "maxpool" for d in ROUNDED},
    **{f"AveragePooling{d}D": "avgpool" for d in ROUNDED},
    **{f"AdaptiveMaxPooling{d}D": "maxpool" for d in ROUNDED},
    **{f"AdaptiveAveragePooling{d}D": "avgpool" for d in ROUNDED},
    **{f"GlobalAveragePooling{d}D": "gap" for d in ROUNDED},
    **{f"GlobalMaxPooling{d}D": "gmp" for d in ROUNDED},
    **{f"UpSampling{d}D": "upsample" for d in ROUNDED},
    **{f"ZeroPadding{d}D": "pad" for d in ROUNDED},
    **{f"Cropping{d}D": "crop" for d in ROUNDED},
    **{f"SpatialDropout{d}D": "dropout" for d in ROUNDED},
    "Dropout": "dropout",
    "AlphaDropout": "dropout",
    "GaussianDropout": "dropout",
    "BatchNormalization": "bn",
    "LayerNormalization": "ln",
    "GroupNormalization": "gn",
    "RMSNormalization": "ln",
    "UnitNormalization": "unitnorm",
    "Activation": "act",
    **dict.fromkeys(("ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax"), "act"),
    "Flatten": "flatten",
    "Reshape": "reshape",
    "Permute": "reshape",
    "RepeatVector": "reshape",
    "Add": "add",
    "Concatenate": "concat",
    "Multiply": "mul",
    "Subtract": "sub",
    "Average": "average",
    "Maximum": "max",
    "Minimum": "min",
    "Dot": "dot",
    "Rescaling": "rescale",
    "Normalization": "normalize",
    "Resizing": "resize",
    "CenterCrop": "crop",
    "Identity": "identity",
    "ActivityRegularization": "identity",
    "Masking": "identity",
    "Lambda": "lambda",
    "MultiHeadAttention": "attention",
    "GroupQueryAttention": "attention",
    "GroupedQueryAttention": "attention",
    "Attention": "attention",
    "AdditiveAttention": "attention",
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional"), "rnn"),
    **{f"ConvLSTM{d}D": "rnn" for d in ROUNDED},
    "TimeDistributed": "wrapper",
    "SpectralNormalization": "wrapper",
    **dict.fromkeys(
        (
            "RandAugment",
            "MixUp",
            "CutMix",
            "AugMix",
            "AutoContrast",
            "Solarization",
            "Equalization",
            "ContrastLimitedAdaptiveHistogramEqualization",
            "GaussianNoise",
            "RandomCrop",
            "RandomHeight",
            "RandomWidth",
        ),
        "augment",
    ),
    "StochasticDepth": "dropout",  # keras.applications.convnext
    "LayerScale": "scale",  # the same
    "CustomScaleLayer": "opaque",  # keras.applications.inception_resnet_v2
}
"""Layers of Keras by class name; a class of that name from elsewhere is opaque."""

OPERATIONS = {
    "Add": "add", "Subtract": "sub", "Multiply": "mul", "Maximum": "max", "Minimum": "min",
    "Concatenate": "concat", "Append": "concat", "Matmul": "dot", "Einsum": "dot", "Dot": "dot",
    "GetItem": "getitem", "Reshape": "reshape", "Squeeze": "reshape", "ExpandDims": "reshape",
    "Ravel": "reshape", "Transpose": "reshape", "Rearrange": "reshape",
    "Resize": "resize", "Pad": "pad", "MaxPool": "maxpool", "AveragePool": "avgpool",
    "Identity": "identity", "Copy": "identity", "Cast": "identity",
    **dict.fromkeys(("TrueDivide", "Divide", "DivideNoNan", "FloorDivide", "Power", "Negative",
                     "Absolute", "Square", "Sqrt", "Rsqrt", "Exp", "Log", "Log1p", "Sign", "Clip",
                     "Abs", "Reciprocal", "Mod"), "arith"),
}  # fmt: skip

# augmentations that change nothing by an amount, or with a probability, of zero
BY_AN_AMOUNT = frozenset(
    {"RandomBrightness", "RandomColorDegeneration", "RandomContrast", "RandomElasticTransform",
     "RandomErasing", "RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert",
     "RandomPerspective", "RandomRotation", "RandomShear", "RandomTranslation", "RandomZoom"}
)  # fmt: skip
NEXT_TO_NOTHING = 1e-3  # a third of a degree, a pixel of a thousand, one number of a thousand
MERGES = frozenset({"add", "concat", "mul", "sub", "average", "max", "min", "dot"})
NORMS = frozenset({"bn", "ln", "gn", "unitnorm"})
CONVOLUTIONS = frozenset({"conv", "sepconv", "dwconv", "upconv"})
POOLS = frozenset({"maxpool", "avgpool"})
LEARNING = CONVOLUTIONS | {"dense", "attention"}


def is_keras(module: str | None) -> bool:
    """Whether the class is Keras' own: only then its name says what it does."""
    return module is not None and (module == "keras" or module.startswith(("keras.", "tf_keras.")))


def kind_of(cls: str, module: str | None, config: Mapping[str, Any], tensors: int) -> str:
    """The kind of a layer or operation that is called
    on `tensors` tensors (constants not counted).
    """
    if is_model(config):
        return "model"
    if not is_keras(module):
        return "opaque"
    if module is not None and module.startswith(("keras.src.ops", "keras.ops")):
        return _operation(cls, config, tensors)
    if module is not None and ".activations" in module and cls in ACTIVATIONS:
        return "act"
    kind = "augment" if cls.startswith("Random") else LAYERS.get(cls, "opaque")
    return "identity" if _does_nothing(kind, cls, config) else kind


def is_model(config: Mapping[str, Any]) -> bool:
    """Whether a configuration is that of a Functional or Sequential model,
    whatever its class is called.
    """
    return isinstance(config.get("layers"), list)


def _does_nothing(kind: str, cls: str, config: Mapping[str, Any]) -> bool:
    """Whether a layer is set so that it leaves all as it is: a dropout that drops nothing, an
    augmentation by nothing, a rescaling by one.

    What a layer is called with says nothing of it: a functional model in training calls each of its
    layers with training=True, whatever was said where it was built.
    """
    if kind == "dropout":
        return _is_small(config.get("rate"))
    if kind == "rescale":
        return config.get("scale") == 1 and config.get("offset") == 0
    if cls == "GaussianNoise":
        return _is_small(config.get("stddev"))
    amounts = [value for key, value in config.items() if key.endswith("factor")]
    return cls in BY_AN_AMOUNT and all(one is None or _is_small(one) for one in amounts)


def _is_small(amount: Any) -> bool:
    """Whether a number, or each of two between which one is drawn, is zero or next to it."""
    if isinstance(amount, list | tuple):
        return len(amount) > 0 and all(map(_is_small, amount))
    return isinstance(amount, int | float) and abs(amount) < NEXT_TO_NOTHING


def activation_name(value: Any) -> str:
    """The name of a serialised activation: "linear" for none,
    "custom" for a function that Keras does not know.
    """
    if value is None:
        return "linear"
    if isinstance(value, str):
        return SPELLINGS.get(value, value)
    return _object_name(value) if isinstance(value, Mapping) else "custom"


def _object_name(value: Mapping[str, Any]) -> str:
    """The same for one that is serialised as an object: a function, or a layer."""
    cls, inner = value.get("class_name"), value.get("config")
    if cls == "function" and isinstance(inner, str):
        return SPELLINGS.get(inner, inner)
    if isinstance(cls, str) and cls in ACTIVATIONS and is_keras(value.get("module")):
        return layer_activation(cls, inner if isinstance(inner, Mapping) else {})
    if cls == "Activation" and isinstance(inner, Mapping):
        return activation_name(inner.get("activation"))
    return "custom"


def layer_activation(cls: str, config: Mapping[str, Any]) -> str:
    """The name of the activation that a layer or operation of class `cls` computes."""
    if cls == "Activation":
        return activation_name(config.get("activation"))
    name = ACTIVATIONS.get(cls, "custom")
    if cls == "LeakyReLU" and config.get("negative_slope") == 0:
        return "relu"
    if cls != "ReLU":
        return name
    if config.get("threshold"):
        return "threshold_relu"
    if config.get("max_value") is not None:
        return (
            "relu6"
            if config["max_value"] == 6 and not config.get("negative_slope")
            else "clipped_relu"
        )
    return "leaky_relu" if config.get("negative_slope") else name


def _operation(cls: str, config: Mapping[str, Any], tensors: int) -> str:
    if cls in ACTIVATIONS:
        return "act"
    kind = OPERATIONS.get(cls, "op")
    if kind in MERGES - {"concat"} and tensors < 2:
        return "arith"  # a tensor and a constant: nothing is merged
    axes = config.get("axis")
    if cls in {"Mean", "Max"} and isinstance(axes, list) and sorted(axes) in ([1, 2], [-3, -2]):
        return "gap" if cls == "Mean" else "gmp"
    return kind
