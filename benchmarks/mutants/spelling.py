"""The ways in which one network is written: what is written otherwise than in the references."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Spelling:
    """How things are written; each field's default is how the references are."""

    # "none": Keras' own; "foreign": outside ASCII; "misleading": named after other layers
    names: str = "plain"
    addition: str = "layer"  # "operator", "ops", "function"
    joining: str = "layer"  # "ops", "function": concatenation
    # the parents of a sum, concatenation or absolute difference in the other order
    swapped: bool = False
    reversed: bool = False  # parallel branches defined in the other order
    activation: str = "argument"  # "layer", "class", "ops", "function", "object", "callable"
    separable: str = "whole"  # "halves": depthwise and 1×1; "grouped": the first half by groups
    padding: str = "same"  # "margins": zero padding and "valid"; "ops": the same by keras.ops.pad
    pooling: str = "layer"  # "ops"
    averaging: str = "layer"  # "kept", "window", "ops", "adaptive", "reshaped", "mean"
    bias: bool = True
    initialised: bool = False  # by other initialisers, regularised
    parts: str = "flat"  # "model", "nested", "sequential", "layer", "exported"
    spare: str = "none"  # "dropout", "identity", "linear" where it changes nothing
    norms: bool = False  # batch norms where they are free
    rising: str = "transposed"  # "upsampling", "upsampling3", "resized"
    scaling: str = "layer"  # "arithmetic", "normalization", "two"
    difference: str = "operator"  # "layer", "ops", "lambda"
    outputs: str = "dict"  # "list", where outputs have names
    # "other": choices that a structure leaves open, such as a pooling for a stride
    style: str = "usual"
    # "each": flags set layer by layer; "flat": the base's layers called anew
    freezing: str = "whole"


SPELLINGS: Mapping[str, Spelling] = {
    "Keras' own names": Spelling(names="none"),
    "names outside ASCII": Spelling(names="foreign"),
    "misleading names": Spelling(names="misleading"),
    "a + b": Spelling(addition="operator"),
    "keras.ops.add": Spelling(addition="ops"),
    "layers.add": Spelling(addition="function"),
    "keras.ops.concatenate": Spelling(joining="ops"),
    "layers.concatenate": Spelling(joining="function"),
    "parents swapped": Spelling(swapped=True),
    "branches defined in the other order": Spelling(reversed=True),
    "Activation layers": Spelling(activation="layer"),
    "ReLU and Softmax layers": Spelling(activation="class"),
    "keras.ops.relu": Spelling(activation="ops"),
    "keras.activations.relu(x)": Spelling(activation="function"),
    "activation=ReLU()": Spelling(activation="object"),
    "activation=keras.activations.relu": Spelling(activation="callable"),
    "depthwise and 1×1": Spelling(separable="halves"),
    "grouped convolution and 1×1": Spelling(separable="grouped"),
    "ZeroPadding2D and valid": Spelling(padding="margins"),
    "keras.ops.pad and valid": Spelling(padding="ops"),
    "keras.ops.max_pool": Spelling(pooling="ops"),
    "global pooling, keepdims, flatten": Spelling(averaging="kept"),
    "average pooling over everything, flatten": Spelling(averaging="window"),
    "average pooling over everything, reshape": Spelling(averaging="reshaped"),
    "keras.ops.average_pool over everything": Spelling(averaging="ops"),
    "adaptive average pooling to 1": Spelling(averaging="adaptive"),
    "keras.ops.mean over height and width": Spelling(averaging="mean"),
    "no biases": Spelling(bias=False),
    "initialisers and regularisers": Spelling(initialised=True),
    "parts as nested models": Spelling(parts="model"),
    "models in models": Spelling(parts="nested"),
    "chains as Sequential": Spelling(parts="sequential"),
    "parts as own layers": Spelling(parts="layer"),
    "dropout within": Spelling(spare="dropout"),
    "Identity layers": Spelling(spare="identity"),
    "linear activations": Spelling(spare="linear"),
    "batch norms where free": Spelling(norms=True),
    "UpSampling2D and 2×2 convolution": Spelling(rising="upsampling"),
    "UpSampling2D and 3×3 convolution": Spelling(rising="upsampling3"),
    "Resizing and convolution": Spelling(rising="resized"),
    "x / 255": Spelling(scaling="arithmetic"),
    "Normalization": Spelling(scaling="normalization"),
    "two scalings": Spelling(scaling="two"),
    "Subtract and ops.abs": Spelling(difference="layer"),
    "keras.ops.subtract": Spelling(difference="ops"),
    "Lambda": Spelling(difference="lambda"),
    "list of named outputs": Spelling(outputs="list"),
    "what is left open done otherwise": Spelling(style="other"),
    "flags set layer by layer": Spelling(freezing="each"),
    "base flat": Spelling(freezing="flat"),
    "many things at once": Spelling(
        names="foreign",
        addition="operator",
        joining="ops",
        swapped=True,
        reversed=True,
        activation="ops",
        separable="halves",
        padding="margins",
        averaging="kept",
        bias=False,
        parts="model",
        spare="identity",
        rising="upsampling",
        difference="ops",
        style="other",
    ),
    "many other things at once": Spelling(
        names="none",
        addition="ops",
        joining="function",
        activation="class",
        separable="grouped",
        padding="ops",
        pooling="ops",
        averaging="mean",
        initialised=True,
        parts="layer",
        spare="dropout",
        rising="upsampling3",
        scaling="arithmetic",
        difference="layer",
        norms=True,
    ),
}
"""One thing written otherwise each, and two of many things. A spelling that leaves a structure as
it is does not count for it.
"""
