"""The separable residual block and the mini Xception made of it (Chollet 2017; 2021, 9.3)."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from keras import layers as L  # noqa: N812

from mutants import facts
from mutants.structure import Structure
from mutants.writer import Writer


def block(w: Writer, change: str) -> Any:
    """Norm, ReLU, separable convolution, twice; pooling; a strided projection."""
    x = w.input((12, 12, 8))
    return keras.Model(x, w.part(lambda x: _block(w, x, 16, change), x, "block"))


def _block(w: Writer, x: Any, filters: int, change: str = "", at: str = "") -> Any:
    y, fork = _body(w, x, filters, change, at)
    if change == "no shortcut":
        return y
    sides = w.branches([lambda: y, lambda: _shortcut(w, fork, filters, change, at)])
    if change == "concatenated":
        return w.concat(sides, f"{at}sum")
    if change == "multiplied":
        return w.layer(f"{at}sum", L.Multiply)(sides)
    total = w.add(sides[0], y if change == "adds itself" else sides[1], f"{at}sum")
    return w.act(total, "relu", f"{at}relu_after") if change == "ReLU after the sum" else total


def _body(w: Writer, x: Any, filters: int, change: str, at: str) -> tuple[Any, Any]:
    """Convolutions and pooling; and the tensor that the shortcut leaves from."""
    y, fork = _begun(w, x, filters, change, at)
    if change != "only one convolution":
        y = _convolved(w, y, filters, "2", change, at)
    if change == "three convolutions":
        y = _convolved(w, y, filters, "3", "", at)
    if change == "norm after the last convolution":
        y = w.norm(y, f"{at}norm_3")
    if change == "ReLU after the last convolution":
        y = w.act(y, "relu", f"{at}relu_3")
    if change != "strided convolution for the pooling":
        y = _pooled(w, y, change, at)
    if change == "pooling before the convolutions":
        y = _convolved(w, y, filters, "3", "", at)
    return y, y if change == "skip after the pooling" else fork


def _begun(w: Writer, x: Any, filters: int, change: str, at: str) -> tuple[Any, Any]:
    """The first convolution; and the tensor that the shortcut leaves from."""
    if w.spelling.style == "other" and not change:  # norm and ReLU before the shortcut leaves
        fork = w.act(w.norm(x, f"{at}norm_1"), "relu", f"{at}relu_1")
        return w.sepconv(fork, filters, 3, f"{at}sep_1"), fork
    y = _convolved(w, x, filters, "1", change, at)
    return y, y if change == "shortcut from the first convolution" else x


def _convolved(  # noqa: PLR0911 — one branch for each change
    w: Writer, x: Any, filters: int, number: str, change: str, at: str
) -> Any:
    """Norm, ReLU and separable convolution; what is changed is so in the second one."""
    key, changed = f"{at}sep_{number}", change if number == "2" else ""
    strides = 2 if changed == "strided convolution for the pooling" else 1
    if changed == "convolution before its norm":
        return w.act(w.norm(w.sepconv(x, filters, 3, key), f"{at}norm_2"), "relu", f"{at}relu_2")
    if changed == "ReLU before its norm":
        x = w.norm(w.act(x, "relu", f"{at}relu_2"), f"{at}norm_2")
    elif changed == "no ReLU":
        x = w.norm(x, f"{at}norm_2")
    elif changed == "no norm":
        x = w.act(x, "relu", f"{at}relu_2")
    else:
        x = w.act(w.norm(x, f"{at}norm_{number}"), "relu", f"{at}relu_{number}")
    if changed == "plain convolution":
        return w.conv(x, filters, 3, key, bias=False)
    if changed == "depthwise alone":
        return w.depthwise(x, 3, key)
    if changed == "filters as kernel":
        return w.conv(w.depthwise(x, filters, key), filters, 1, f"{key}_pointwise", bias=False)
    if changed == "pointwise first":
        return w.depthwise(w.conv(x, filters, 1, f"{key}_pointwise", bias=False), 3, key)
    if changed == "norm between depthwise and 1×1":
        y = w.norm(w.depthwise(x, 3, f"{key}_first"), f"{key}_norm")
        return w.conv(y, filters, 1, key, bias=False)
    biased = change == "bias before a norm" and number == "1"
    return w.sepconv(x, filters, 5 if changed == "5×5" else 3, key, strides=strides, bias=biased)


def _pooled(w: Writer, x: Any, change: str, at: str) -> Any:
    kind = "average" if change == "average pooling" else "max"
    size = 2 if change == "2×2 pooling" else 3
    return w.pool(x, size, f"{at}pool", strides=2, kind=kind)


def _shortcut(w: Writer, x: Any, filters: int, change: str, at: str) -> Any:
    key = f"{at}short"
    if change == "skip after the pooling":
        return w.conv(x, filters, 1, key)
    if change == "pooling before the projection":
        return w.conv(w.pool(x, 2, f"{key}_pool", strides=2), filters, 1, key)
    if change == "projection stretched":
        return w.conv(x, 1, 1, key, strides=2)
    if change == "separable projection":
        return w.sepconv(x, filters, 3, key, strides=2)
    bias = False if w.spelling.norms else None
    y = w.conv(x, filters, 3 if change == "3×3 projection" else 1, key, strides=2, bias=bias)
    if w.spelling.norms:
        y = w.norm(y, f"{key}_norm")
    return w.act(y, "relu", f"{key}_relu") if change == "ReLU on the shortcut" else y


WIDTHS = (4, 6, 8, 10)
PLACES = ("a_", "b_", "c_", "d_")


def xception(w: Writer, change: str) -> Any:
    """Augmentation, rescaling, a plain convolution, four blocks, pooling,
    dropout, classifier; changes in block c.
    """
    x = given = w.input((32, 32, 3))
    x = _prepared(w, x, change)
    if change == "separable first convolution":
        x = w.sepconv(x, 4, 3, "stem")
    else:
        x = w.conv(x, 4, 3, "stem", bias=change == "bias in the stem")
    if change == "rescaling late":
        x = w.rescale(x, "scale")
    if change == "norm after ReLU in the stem":
        x = w.norm(w.act(x, "relu", "stem_relu"), "stem_norm")
    else:
        x = w.act(w.norm(x, "stem_norm"), "relu", "stem_relu")
    if change == "augmentation late":
        x = w.augment(x, "vary")
    for place, (at, filters) in enumerate(zip(PLACES, WIDTHS, strict=True)):
        if change == "one block less" and place == 3:
            break
        inside = change if place == 2 else ""
        if change == "width does not grow" and place == 3:
            filters = 6  # noqa: PLW2901
        x = w.part(partial(_block, w, filters=filters, change=inside, at=at), x, f"{at}block")
    return keras.Model(given, _classified(w, x, change))


def _prepared(w: Writer, x: Any, change: str) -> Any:
    if w.spelling.style == "other" and change == "":
        return w.augment(w.rescale(x, "scale"), "vary")
    if change == "dead augmentation":
        w.augment(x, "vary")
    elif change not in {"no augmentation", "augmentation late"}:
        x = w.augment(x, "vary")
    return x if change in {"no rescaling", "rescaling late"} else w.rescale(x, "scale")


def _classified(w: Writer, x: Any, change: str) -> Any:
    if change == "flattened":
        x = w.layer("pooled", L.Flatten)(x)
    elif change == "global max pooling":
        x = w.layer("pooled", L.GlobalMaxPooling2D)(x)
    elif change == "dropout before the pooling":
        x = w.average(w.dropout(x, "rest"), "pooled")
    else:
        x = w.average(x, "pooled")
    if change not in {"no dropout", "dropout before the pooling", "dropout after softmax"}:
        x = w.dropout(x, "rest")
    x = w.dense(x, 6 if change == "another number of classes" else 5, "classes",
                "sigmoid" if change == "sigmoid for softmax" else "softmax")  # fmt: skip
    return w.dropout(x, "rest") if change == "dropout after softmax" else x


IN_A_BLOCK = {
    "shortcut from the first convolution": "sep_1",
    "adds itself": "sum",
    "no shortcut": "pool",
    "concatenated": "sum",
    "multiplied": "sum",
    "only one convolution": "sep_1|pool",
    "three convolutions": "sep_3",
    "ReLU after the last convolution": "relu_3",
    "skip after the pooling": "pool",
    "strided convolution for the pooling": "sep_2",
    "convolution before its norm": "sep_2|norm_2",
    "ReLU before its norm": "relu_2|norm_2",
    "no ReLU": "norm_2|sep_2",
    "no norm": "relu_2|sep_2|sep_1",
    "plain convolution": "sep_2",
    "depthwise alone": "sep_2",
    "filters as kernel": "sep_2",
    "pointwise first": "sep_2|sep_2_pointwise",
    "norm between depthwise and 1×1": "sep_2_first|sep_2_norm|sep_2",
    "5×5": "sep_2",
    "bias before a norm": "sep_1",
    "average pooling": "pool",
    "2×2 pooling": "pool",
    "pooling before the projection": "short_pool",
    "projection stretched": "short",
    "separable projection": "short",
    "3×3 projection": "short",
    "ReLU on the shortcut": "short|short_relu",
    "ReLU after the sum": "sum|relu_after",
}
IN_A_NETWORK = (
    "shortcut from the first convolution",
    "adds itself",
    "no shortcut",
    "concatenated",
    "plain convolution",
    "average pooling",
    "ReLU before its norm",
    "depthwise alone",
    "bias before a norm",
    "3×3 projection",
)
START = "(augment+ rescale | rescale augment+)"
BODY = "bn relu sepconv3x3 bn relu sepconv3x3"

STRUCTURES = (
    Structure(
        "separable block",
        block,
        (
            (
                'residual(body="(bn relu)? sepconv3x3/1:16 bn relu sepconv3x3/1:16 maxpool3x3/2", '
                'activation="none", n=1)'
            ),
            'residual(shortcut="projection", n=1)',
            f'path("{BODY} maxpool3x3/2 add")',
            facts.unshared,
            facts.no_idle_bias,
        ),
        IN_A_BLOCK,
    ),
    Structure(
        "mini Xception",
        xception,
        (
            f'path("{START} conv3x3 bn relu ({BODY} maxpool3x3/2 add){{4}} gap dense softmax")',
            (
                'residual(body="(bn relu)? sepconv3x3 bn relu sepconv3x3 maxpool3x3/2", '
                'shortcut="projection", n=4)'
            ),
            'path(".* gap dropout+ dense:5")',
            'not contains("softmax .* dropout")',
            'head(units=5, activation="softmax", rank=2)',
            facts.blocks([4, 6, 8, 10], [16, 8, 4, 2], [0, 1, 2, 3]),
            facts.unshared,
            facts.no_idle_bias,
            facts.norms_before_activation,
            facts.prepared,
            facts.nothing_idle,
        ),
        {
            change: "|".join(f"c_{name}" for name in IN_A_BLOCK[change].split("|"))
            for change in IN_A_NETWORK
        }
        | {
            "no shortcut": "c_pool|d_norm_1",
            "no augmentation": "given|scale",
            "dead augmentation": "given|scale",
            "augmentation late": "vary_flip|vary_turn",
            "no rescaling": "stem|vary_flip",
            "rescaling late": "scale",
            "separable first convolution": "stem",
            "bias in the stem": "stem",
            "norm after ReLU in the stem": "stem_norm",
            "one block less": "c_sum|pooled",
            "width does not grow": "d_sum|d_short",
            "flattened": "pooled",
            "global max pooling": "pooled",
            "dropout before the pooling": "rest|pooled|classes",
            "no dropout": "pooled|classes",
            "dropout after softmax": "rest",
            "another number of classes": "classes",
            "sigmoid for softmax": "classes",
        },
    ),
)
