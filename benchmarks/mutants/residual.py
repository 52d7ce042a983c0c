"""Residual blocks and a residual network (He et al. 2015)."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers as L  # noqa: N812

from mutants import facts
from mutants.structure import Structure
from mutants.writer import Writer


def identity(w: Writer, change: str) -> Any:
    """Convolution, norm, ReLU, convolution, norm, the input added, ReLU."""
    x = w.input((12, 12, 8))
    return keras.Model(x, w.part(lambda x: _block(w, x, 8, 1, change), x, "block"))


def projection(w: Writer, change: str) -> Any:
    """The same, at half the resolution and with more filters."""
    x = w.input((12, 12, 8))
    return keras.Model(x, w.part(lambda x: _block(w, x, 16, 2, change), x, "block"))


def _block(w: Writer, x: Any, filters: int, strides: int, change: str = "", at: str = "") -> Any:
    """One block; the names of its layers begin with `at`."""
    own = at if change != "layers shared with another block" else "a_"
    y, fork = _body(w, x, filters, strides, change, own)
    if change == "ReLU before the sum":
        y = w.act(y, "relu", f"{own}relu_2")
        return w.add(y, _shortcut(w, fork, filters, strides, change, own), f"{own}sum")
    if change == "no shortcut":
        return w.act(y, "relu", f"{own}relu_2")
    sides = w.branches([lambda: y, lambda: _shortcut(w, fork, filters, strides, change, own)])
    total = _merged(w, sides, change, f"{own}sum")
    if change == "no ReLU after the sum":
        return total
    activation = "tanh" if change == "another activation after the sum" else "relu"
    return w.act(total, activation, f"{own}relu_2")


def _body(w: Writer, x: Any, filters: int, strides: int, change: str, at: str) -> tuple[Any, Any]:
    """Convolutions, norms, the ReLU between them; and the tensor that the shortcut leaves from."""
    first = _first(w, x, filters, strides, change, at)
    y = between = _between(w, first, change, at)
    if change != "only one convolution":
        again = "conv_1" if change == "convolution shared" and filters == x.shape[-1] else "conv_2"
        step = strides if change == "strided second convolution too" else 1
        y = w.conv(y, filters, 3, f"{at}{again}", strides=step)
        if change != "no second norm":
            y = w.norm(y, f"{at}{'norm_1' if change == 'norm shared' else 'norm_2'}")
    if change == "three convolutions":
        y = w.act(y, "relu", f"{at}relu_extra")
        y = w.norm(w.conv(y, filters, 3, f"{at}conv_3"), f"{at}norm_3")
    forks = {
        "shortcut from the first convolution": first,
        "shortcut from the first ReLU": between,
    }
    return y, forks.get(change, x)


def _first(w: Writer, x: Any, filters: int, strides: int, change: str, at: str) -> Any:
    if change == "depthwise for a convolution":
        y = w.depthwise(x, 3, f"{at}conv_1", strides=strides)
        return w.conv(y, filters, 3, f"{at}conv_extra") if filters != x.shape[-1] else y
    width = filters // (2 if change == "narrow inside" else 1)
    size = {"3×3 → 1×1": 1, "3×3 → 5×5": 5}.get(change, 3)
    return w.conv(x, width, size, f"{at}conv_1", strides=strides)


def _between(w: Writer, x: Any, change: str, at: str) -> Any:
    """Norm and activation after the first convolution."""
    activation = "sigmoid" if change == "another activation in the body" else "relu"
    if change == "norm after ReLU":
        return w.norm(w.act(x, activation, f"{at}relu_1"), f"{at}norm_1")
    if change == "no norm":
        return w.act(x, activation, f"{at}relu_1")
    if change == "no ReLU inside":
        return w.norm(x, f"{at}norm_1")
    axis = 1 if change == "norm over rows" else -1
    return w.act(w.norm(x, f"{at}norm_1", axis), activation, f"{at}relu_1")


MERGERS = {"multiplied": L.Multiply, "subtracted": L.Subtract, "averaged": L.Average}


def _merged(w: Writer, sides: list[Any], change: str, key: str) -> Any:
    if change == "concatenated":
        return w.concat(sides, key)
    if change in MERGERS:
        return w.layer(key, MERGERS[change])(sides)
    body, shortcut = sides
    return w.add(body, body if change == "adds itself" else shortcut, key)


def _shortcut(  # noqa: PLR0911 — one branch for each change
    w: Writer, x: Any, filters: int, strides: int, change: str, at: str
) -> Any:
    """The input, or what gives it the body's shape."""
    if change == "pooling on the shortcut" and strides == 1:
        return w.pool(x, 3, f"{at}short", strides=1)
    if change in {"shortcut from the first convolution", "shortcut from the first ReLU"}:
        return x
    if change == "idle projection":
        return w.conv(x, filters, 1, f"{at}short")
    if change == "idle 3×3 on the shortcut":
        return w.conv(x, filters, 3, f"{at}short")
    if x.shape[-1] == filters and strides == 1:
        return w.act(x, "relu", f"{at}short") if change == "ReLU on the shortcut" else x
    if change == "pooling before the projection":
        return w.conv(w.pool(x, 2, f"{at}short_pool", strides=strides), filters, 1, f"{at}short")
    step = 4 if change == "strided second convolution too" else strides
    size = {"3×3 projection": 3, "2×2 projection": 2}.get(change, 1)
    if change == "projection stretched":
        return w.conv(x, 1, 1, f"{at}short", strides=step)
    if change == "projection twice":
        x = w.conv(x, filters, 1, f"{at}short_first")
    if change == "projection to a single place":
        return w.conv(
            w.layer(f"{at}short_pool", L.GlobalAveragePooling2D, keepdims=True)(x),
            filters,
            1,
            f"{at}short",
        )
    y = w.conv(x, filters, size, f"{at}short", strides=step)
    y = w.norm(y, f"{at}short_norm") if w.spelling.norms or w.spelling.style == "other" else y
    return w.act(y, "relu", f"{at}short_relu") if change == "ReLU on the shortcut" else y


STAGES = (4, 8)
PLACES = ("a_", "b_", "c_", "d_")


def network(w: Writer, change: str) -> Any:
    """Rescaling, a stem, two stages of two blocks, pooling, classifier;
    changes of a block are in the third.
    """
    x = given = w.input((16, 16, 3))
    if change not in {"no rescaling", "rescaling late"}:
        x = w.rescale(x, "scale")
    x = w.conv(
        x, 4, 5 if change == "5×5 stem" else 3, "stem", strides=2 if change == "strided stem" else 1
    )
    if change == "rescaling late":
        x = w.rescale(x, "scale")
    x = x if change == "no norm in the stem" else w.norm(x, "stem_norm")
    x = w.act(x, "relu", "stem_relu")
    if change == "pooling after the stem":
        x = w.pool(x, 3, "stem_pool", strides=2)
    for place, at in enumerate(PLACES):
        if change == "one block less" and place == 3:
            break
        step = 2 if place == 2 or (change == "first stage halves" and place == 0) else 1
        step = 1 if change == "no stage halves" else step
        filters = STAGES[place // 2]
        if change == "another width" and place > 1:
            filters = 12
        x = _placed(w, x, filters, step, change, place, at)
    if change == "one block more":
        x = w.part(lambda x: _block(w, x, 8, 1, at="e_"), x, "e_block")
    return keras.Model(given, _classified(w, x, change))


def _placed(w: Writer, x: Any, filters: int, strides: int, change: str, place: int, at: str) -> Any:
    if change == "projection everywhere" and place != 2:
        change = "idle projection"
    elif change == "layers shared with another block":
        change = change if place == 1 else ""
    elif place != 3:
        change = ""
    if change == "layers shared with another block":
        return _block(w, x, filters, strides, change, at)
    return w.part(lambda x: _block(w, x, filters, strides, change, at), x, f"{at}block")


def _classified(w: Writer, x: Any, change: str) -> Any:
    if change == "flattened":
        x = w.layer("pooled", L.Flatten)(x)
    elif change == "global max pooling":
        x = w.layer("pooled", L.GlobalMaxPooling2D)(x)
    elif change != "classifier on maps":
        x = w.average(x, "pooled")
    x = w.dense(x, 6 if change == "another number of classes" else 5, "classes",
                "sigmoid" if change == "sigmoid for softmax" else "softmax")  # fmt: skip
    return w.layer("late_dropout", L.Dropout, 0.9)(x) if change == "dropout after softmax" else x


IN_A_BLOCK = {
    "shortcut from the first convolution": "conv_1",
    "shortcut from the first ReLU": "conv_1|relu_1",
    "adds itself": "sum",
    "no shortcut": "norm_2|relu_2",
    "concatenated": "sum",
    "multiplied": "sum",
    "subtracted": "sum",
    "averaged": "sum",
    "ReLU before the sum": "relu_2",
    "no ReLU after the sum": "sum",
    "another activation after the sum": "relu_2|sum",
    "another activation in the body": "relu_1",
    "no ReLU inside": "conv_2|norm_1",
    "norm after ReLU": "norm_1",
    "no norm": "conv_1|relu_1",
    "no second norm": "conv_2|sum",
    "norm over rows": "norm_1",
    "norm shared": "norm_1",
    "3×3 → 1×1": "conv_1",
    "3×3 → 5×5": "conv_1",
    "narrow inside": "conv_1",
    "only one convolution": "norm_1|relu_1|sum",
    "three convolutions": "conv_3",
    "depthwise for a convolution": "conv_1",
    "ReLU on the shortcut": "short|short_relu",
}
IN_A_NETWORK = (
    "shortcut from the first convolution",
    "adds itself",
    "no shortcut",
    "concatenated",
    "ReLU before the sum",
    "no ReLU after the sum",
    "norm after ReLU",
    "no second norm",
    "3×3 → 1×1",
    "only one convolution",
    "subtracted",
)

STRUCTURES = (
    Structure(
        "identity block",
        identity,
        (
            (
                'residual(body="conv3x3/1:8 bn relu conv3x3/1:8 bn", '
                'shortcut="identity", activation="relu", n=1)'
            ),
            'path("conv3x3 bn relu conv3x3 bn add relu")',
            facts.unshared,
            facts.norms_over_channels,
        ),
        IN_A_BLOCK
        | {
            "convolution shared": "conv_1",
            "pooling on the shortcut": "short",
            "idle projection": "short",
            "idle 3×3 on the shortcut": "short",
        },
    ),
    Structure(
        "projection block",
        projection,
        (
            (
                'residual(body="conv3x3/2:16 bn relu conv3x3/1:16 bn", '
                'shortcut="projection", activation="relu", n=1)'
            ),
            'path("conv3x3 bn relu conv3x3 bn add relu")',
            facts.unshared,
            facts.norms_over_channels,
        ),
        {key: place for key, place in IN_A_BLOCK.items() if key not in {"multiplied", "averaged"}}
        | {
            "3×3 projection": "short",
            "2×2 projection": "short",
            "projection twice": "short_first|short",
            "projection stretched": "short",
            "projection to a single place": "short_pool|short",
            "pooling before the projection": "short_pool",
            "strided second convolution too": "conv_1|conv_2",
        },
    ),
    Structure(
        "residual network",
        network,
        (
            (
                'residual(body="conv3x3 bn relu conv3x3 bn", '
                'shortcut="identity|projection", activation="relu", n=4)'
            ),
            (
                'path("rescale conv3x3/1:4 bn relu '
                '(conv3x3 bn relu conv3x3 bn add relu){4} gap dense:5 softmax")'
            ),
            'head(units=5, activation="softmax", rank=2)',
            'not contains("softmax .* dropout")',
            facts.blocks([4, 4, 8, 8], [16, 16, 8, 8], [2]),
            facts.unshared,
        ),
        {
            change: "|".join(f"d_{name}" for name in IN_A_BLOCK[change].split("|"))
            for change in IN_A_NETWORK
        }
        | {
            "projection everywhere": "a_short|b_short|d_short",
            "layers shared with another block": "a_conv_1",
            "no rescaling": "stem|given",
            "rescaling late": "scale",
            "5×5 stem": "stem",
            "strided stem": "stem",
            "no norm in the stem": "stem|stem_relu",
            "pooling after the stem": "stem_pool",
            "one block less": "c_sum|c_relu_2|pooled",
            "one block more": "e_sum|e_conv_1",
            "first stage halves": "a_sum|a_conv_1",
            "no stage halves": "c_sum|c_conv_1",
            "another width": "c_sum|c_conv_1",
            "flattened": "pooled",
            "global max pooling": "pooled",
            "classifier on maps": "classes",
            "another number of classes": "classes",
            "sigmoid for softmax": "classes",
            "dropout after softmax": "late_dropout",
        },
    ),
)
