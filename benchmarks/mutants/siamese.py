"""A siamese pair: one encoder for both sides."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers as L  # noqa: N812
from keras import ops

from mutants import facts
from mutants.structure import Structure
from mutants.writer import Writer


def siamese(w: Writer, change: str) -> Any:
    """One encoder for both sides, the absolute difference of the embeddings, a sigmoid."""
    left, right = w.input((16, 16, 3), "left"), w.input((16, 16, 3), "right")
    if change == "compared before the encoder":
        x = _encoder(w, w.distance(left, right, "apart"), "")
    else:
        one = w.part(lambda x: _encoder(w, x, change), left, "encoder", chain=True)
        x = _compared(w, one, _other_side(w, left, right, change), right, change)
    if change == "two layers apart at the end":
        x = w.layer("late", L.Subtract)([w.dense(x, 4, "late_a"), w.dense(x, 4, "late_b")])
    if w.spelling.style == "other":
        x = w.dense(x, 4, "hidden", "relu")
    units, activation = {
        "two softmax outputs": (2, "softmax"),
        "no activation": (1, None),
        "ReLU": (1, "relu"),
        "three outputs": (3, "sigmoid"),
    }.get(change, (1, "sigmoid"))
    x = x if change == "no head" else w.dense(x, units, "same", activation)
    x = w.dropout(x, "rest") if change == "dropout after the sigmoid" else x
    return keras.Model([right, left] if w.spelling.reversed else [left, right], x)


def _other_side(w: Writer, left: Any, right: Any, change: str) -> Any:
    if change == "two encoders":
        return _encoder(w, right, "", "right_")
    if change == "one layer unshared":
        return _encoder(w, right, "", own=frozenset({"conv_2"}))
    if change == "last layer unshared":
        return _encoder(w, right, "", own=frozenset({"embedding"}))
    return w.part(
        lambda x: _encoder(w, x, change),
        left if change == "left twice" else right,
        "encoder",
        chain=True,
    )


def _encoder(
    w: Writer, x: Any, change: str, at: str = "", own: frozenset[str] = frozenset()
) -> Any:
    def key(name: str) -> str:
        return f"right_{name}" if name in own else f"{at}{name}"

    if change != "no convolution":
        x = w.pool(w.conv(x, 4, 3, key("conv_1"), "relu"), 2, key("pool_1"), strides=2)
        x = w.conv(x, 8, 3, key("conv_2"), "relu")
    if change != "maps compared":
        x = w.dense(w.average(x, key("pooled")), 6, key("embedding"))
    return x


def _compared(  # noqa: C901, PLR0911 — one branch for each change
    w: Writer, one: Any, other: Any, right: Any, change: str
) -> Any:
    if change == "concatenated":
        return w.concat([one, other], "apart")
    if change == "added":
        return w.add(one, other, "apart")
    if change == "multiplied":
        return w.layer("apart", L.Multiply)([one, other])
    if change == "difference with its sign":
        return w.layer("apart", L.Subtract)([one, other])
    if change == "squared difference":
        return ops.square(w.layer("apart", L.Subtract)([one, other]))
    if change == "right side alone":
        return other
    if change == "left with itself":
        return ops.abs(w.layer("apart", L.Subtract)([one, one]))
    if change == "difference and left side":
        return w.concat([w.distance(one, other, "apart"), one], "joined")
    if change == "embedding against pixels":
        flat = w.dense(w.layer("flat", L.Flatten)(right), 6, "short_cut")
        return ops.abs(w.layer("apart", L.Subtract)([one, flat]))
    if change == "maps compared":
        return w.average(w.distance(one, other, "apart"), "pooled_late")
    return w.distance(one, other, "apart")


STRUCTURES = (
    Structure(
        "siamese",
        siamese,
        (
            facts.inputs("left", "right"),
            facts.one_encoder,
            facts.compared,
            'path("conv3x3 down conv3x3 gap dense sub arith dense+")',
            'head(units=1, activation="sigmoid", rank=2)',
            'not contains("sigmoid .* dropout")',
        ),
        {
            "two encoders": "conv_1|right_conv_1",
            "one layer unshared": "conv_2|right_conv_2",
            "last layer unshared": "embedding|right_embedding",
            "left twice": "right|subtract",
            "no convolution": "pooled|embedding",
            "maps compared": "subtract|conv_2",
            "compared before the encoder": "subtract|left|right|conv_1",
            "concatenated": "apart",
            "added": "apart",
            "multiplied": "apart",
            "difference with its sign": "apart",
            "squared difference": "apart|square",
            "right side alone": "left",
            "left with itself": "apart|right",
            "difference and left side": "joined",
            "embedding against pixels": "short_cut|flat|apart",
            "two layers apart at the end": "late",
            "two softmax outputs": "same",
            "three outputs": "same",
            "no activation": "same",
            "ReLU": "same",
            "no head": "absolute",
            "dropout after the sigmoid": "rest",
        },
    ),
)
