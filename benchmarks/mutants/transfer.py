"""A pretrained base, frozen, with a head of its own (Chollet 2021, 8.3)."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers as L  # noqa: N812

from mutants import facts
from mutants.structure import Structure
from mutants.writer import Writer

BASE = ("base_scale", "base_conv_1", "base_norm", "base_relu", "base_pool", "base_conv_2")


def frozen(w: Writer, change: str) -> Any:
    """Augmentation, the frozen base, global average pooling,
    dropout, one dense layer with softmax.
    """
    base, x = _base(), w.input((16, 16, 3))
    given = x
    _freeze(w, base, change)
    if change == "rescaling before the base":
        x = w.rescale(x, "scale")
    if change not in {"no augmentation", "augmentation late", "augmentation unused"}:
        x = w.augment(x, "vary")
    elif change == "augmentation unused":
        w.augment(x, "vary")
    x = _through(w, base, x, change)
    if change == "augmentation late":
        x = w.augment(x, "vary")
    if change == "a convolution after the base":
        x = w.conv(x, 8, 3, "more", "relu")
    x = _headed(w, x, change)
    model = keras.Model(given, x)
    if change == "the head frozen too":
        model.get_layer("classes").trainable = False
    if change == "everything frozen":
        model.trainable = False
    return model


def _base() -> Any:
    """What is given to the student: its names are fixed."""
    x = given = keras.Input((16, 16, 3), name="base_image")
    x = L.Rescaling(1 / 255, name="base_scale")(x)
    x = L.BatchNormalization(name="base_norm")(
        L.Conv2D(4, 3, padding="same", use_bias=False, name="base_conv_1")(x)
    )
    x = L.MaxPooling2D(2, name="base_pool")(L.ReLU(name="base_relu")(x))
    x = L.Conv2D(6, 3, padding="same", activation="relu", name="base_conv_2")(x)
    return keras.Model(given, x, name="base")


def _freeze(w: Writer, base: Any, change: str) -> None:
    if change == "base not frozen":
        return
    if change in {
        "last layer of the base trains",
        "norm of the base trains",
        "only the first layer frozen",
    }:
        trains = {
            "last layer of the base trains": {"base_conv_2"},
            "norm of the base trains": {"base_norm"},
            "only the first layer frozen": {"base_norm", "base_conv_2"},
        }[change]
        for layer in base.layers:
            layer.trainable = layer.name in trains
    elif w.spelling.freezing == "whole":
        base.trainable = False
    else:
        for layer in base.layers:
            layer.trainable = False


def _through(  # noqa: PLR0911 — one branch for each change
    w: Writer, base: Any, x: Any, change: str
) -> Any:
    """The base, called on what comes before it."""
    if change == "base cut short":
        return keras.Model(base.inputs, base.get_layer("base_pool").output, name="base")(x)
    if change == "a layer of the base made anew":
        x = keras.Model(base.inputs, base.get_layer("base_pool").output, name="base")(x)
        return w.conv(x, 6, 3, "anew", "relu")
    if change == "the norm of the base left out":
        for layer in base.layers[1:]:
            x = layer(x) if layer.name != "base_norm" else x
        return x
    if change == "base twice":
        y = base(x)
        return w.concat([y, base(w.layer("mirrored", L.RandomFlip)(x))], "joined")
    if change == "around the base":
        shortcut = w.conv(x, 6, 3, "around", strides=2)
        return w.add(base(x), shortcut, "sum")
    if w.spelling.freezing == "flat":
        for layer in base.layers[1:]:
            x = layer(x)
        return x
    return base(x, training=False) if w.spelling.style == "usual" else base(x)


def _headed(w: Writer, x: Any, change: str) -> Any:
    if change == "flattened":
        x = w.layer("pooled", L.Flatten)(x)
    elif change == "global max pooling":
        x = w.layer("pooled", L.GlobalMaxPooling2D)(x)
    elif change == "classifier on maps":
        x = w.layer("pooled", L.MaxPooling2D, 2)(x)
    else:
        x = w.average(x, "pooled")
    if change == "two dense layers":
        x = w.dense(x, 8, "hidden", "relu")
    if change not in {"no dropout", "dropout after softmax"}:
        x = w.dropout(x, "rest")
    units = 3 if change == "another number of classes" else 4
    activation = {"sigmoid for softmax": "sigmoid", "no activation": None}.get(change, "softmax")
    x = w.dense(x, units, "classes", activation)
    return w.dropout(x, "rest") if change == "dropout after softmax" else x


STRUCTURES = (
    Structure(
        "frozen base",
        frozen,
        (
            facts.trains_only_head(BASE),
            'path("augment+ rescale conv3x3 bn relu maxpool conv3x3 relu gap dense softmax")',
            'count("rescale", n=1)',
            'path(".* gap dropout+ dense:4")',
            'count("dense", n=1)',
            'head(units=4, activation="softmax", rank=2)',
            'not contains("softmax .* dropout")',
            facts.prepared,
            facts.nothing_idle,
        ),
        {
            "base not frozen": "base_conv_1|base_conv_2",
            "last layer of the base trains": "base_conv_2",
            "norm of the base trains": "base_norm",
            "only the first layer frozen": "base_norm|base_conv_2",
            "the head frozen too": "classes",
            "everything frozen": "classes",
            "no augmentation": "given|base_scale",
            "augmentation unused": "given|base_scale",
            "augmentation late": "vary_flip|vary_turn",
            "rescaling before the base": "scale",
            "base cut short": "base_conv_2",
            "a layer of the base made anew": "base_conv_2|anew",
            "the norm of the base left out": "base_norm",
            "base twice": "base_conv_1|base_conv_2",
            "around the base": "around|sum",
            "a convolution after the base": "more",
            "flattened": "pooled",
            "global max pooling": "pooled",
            "classifier on maps": "classes|pooled",
            "two dense layers": "hidden",
            "no dropout": "pooled|classes",
            "dropout after softmax": "rest",
            "another number of classes": "classes",
            "sigmoid for softmax": "classes",
            "no activation": "classes",
        },
    ),
)
