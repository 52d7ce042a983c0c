"""An inception module (Szegedy et al. 2015, figure 2b) and a U-Net (Ronneberger et al. 2015)."""

from __future__ import annotations

from functools import partial
from typing import Any

import keras
from keras import layers as L  # noqa: N812

from mutants import facts
from mutants.structure import Structure
from mutants.writer import Writer


def inception(w: Writer, change: str) -> Any:
    """Four branches from one tensor, concatenated."""
    x = w.input((10, 10, 12))
    return keras.Model(x, w.part(lambda x: _module(w, x, change), x, "module"))


def _module(w: Writer, x: Any, change: str) -> Any:
    branches = _branches(w, x, change)
    if change == "branch missing":
        branches = [branches[0], branches[1], branches[3]]
    elif change == "branch too many":
        branches.append(_conv(w, x, 5, 7, "conv_7"))
    elif change == "one branch twice":
        branches[2] = branches[1]
    elif change == "the input itself for a branch":
        branches[0] = x
    elif change == "branches chained":
        reduced = _conv(w, branches[0], 7, 1, "reduce_chained")
        branches[1] = _conv(w, reduced, 6, 3, "conv_chained")
    elif change == "all branches chained":
        branches = [x, _chained(w, x)]
    return _joined(w, branches, change)


def _branches(w: Writer, x: Any, change: str) -> list[Any]:
    if change == "one reduction for two branches":
        reduced = _conv(w, x, 7, 1, "reduce_3")
        return [
            _one(w, x, change),
            _conv(w, reduced, 6, 3, "conv_3"),
            _conv(w, reduced, 4, 5, "conv_5"),
            _pooled(w, x, change),
        ]
    makes = {"one": _one, "three": _three, "five": _five, "pooled": _pooled}
    return w.branches(
        [
            partial(w.part, partial(make, w, change=change), x, name, chain=True)
            for name, make in makes.items()
        ]
    )


def _one(w: Writer, x: Any, change: str) -> Any:
    return _conv(w, x, 5, 3 if change == "1×1 → 3×3" else 1, "conv_1")


def _three(w: Writer, x: Any, change: str) -> Any:
    if change == "reduction before 3×3 forgotten":
        return _conv(w, x, 6, 3, "conv_3")
    if change == "reduction after 3×3":
        return _conv(w, _conv(w, x, 6, 3, "conv_3"), 7, 1, "reduce_3")
    y = _conv(w, x, 7, 1, "reduce_3")
    return _conv(w, y, 6, 1 if change == "3×3 → 1×1" else 3, "conv_3")


def _five(w: Writer, x: Any, change: str) -> Any:
    shared = change == "reduction shared"
    y = _conv(w, x, 7, 1, "reduce_3") if shared else _conv(w, x, 3, 1, "reduce_5")
    if change == "5×5 as two 3×3":
        return _conv(w, _conv(w, y, 4, 3, "conv_5"), 4, 3, "conv_5_more")
    filters = 9 if change == "another width" else 4
    return _conv(w, y, filters, 3 if change == "5×5 → 3×3" else 5, "conv_5")


def _pooled(w: Writer, x: Any, change: str) -> Any:
    if change == "projection before the pooling":
        return w.pool(_conv(w, x, 8, 1, "project"), 3, "pool", strides=1)
    size = 2 if change == "2×2 pooling" else 3
    kind = "average" if change == "average pooling" else "max"
    y = w.pool(x, size, "pool", strides=1, kind=kind)
    return y if change == "pooling not projected" else _conv(w, y, 8, 1, "project")


def _chained(w: Writer, x: Any) -> Any:
    for filters, size, key in ((5, 1, "1"), (6, 3, "3"), (4, 5, "5"), (8, 1, "pool")):
        x = _conv(w, x, filters, size, f"chained_{key}")
    return x


EVEN = {"added", "maximum", "joined over rows", "joined over columns"}
"""Changes for which all branches need the same number of channels."""


def _joined(w: Writer, branches: list[Any], change: str) -> Any:
    if change in EVEN:
        branches = [_conv(w, y, 6, 1, f"even_{n}") for n, y in enumerate(branches)]
    if change == "added":
        return w.layer("joined", L.Add)(branches)
    if change == "maximum":
        return w.layer("joined", L.Maximum)(branches)
    if change == "joined over rows":
        return w.concat(branches, "joined", axis=1)
    if change == "joined over columns":
        return w.concat(branches, "joined", axis=2)
    if change == "joined in two steps, one branch left out":
        return w.concat([w.concat(branches[:2], "joined"), branches[3]], "joined_again")
    return w.concat(branches, "joined")


def _conv(w: Writer, x: Any, filters: int, size: int, key: str) -> Any:
    return w.conv(x, filters, size, key, "relu", norm=True)


def unet(w: Writer, change: str) -> Any:
    """Three levels down, a bottleneck, three levels up, each with its skip."""
    x = given = w.input((32, 32, 3))
    kept: list[Any] = []
    for level in range(3):
        x, kept_here = _down(w, x, level, change)
        kept.append(kept_here)
    if change != "no bottleneck":
        x = _level(w, x, 32, "bottom")
    levels = (0, 1, 2) if change == "skips in the encoder's order" else (2, 1, 0)
    for level, partner in zip((2, 1, 0), levels, strict=True):
        if change == "last level missing" and level == 0:
            break
        x = _up(w, x, kept[partner], level, change)
    return keras.Model(given, _masked(w, x, kept, change))


def _down(w: Writer, x: Any, level: int, change: str) -> tuple[Any, Any]:
    """A level of the encoder; changes are in level 1. Gives what goes on and what is kept."""
    at, filters = f"down{level}", 4 * 2**level
    here = change if level == 1 else ""
    first = w.conv(x, filters, 3, f"{at}_a", "relu", norm=True)
    x = w.conv(first, filters, 3, f"{at}_b", "relu", norm=True)
    kept = first if here == "skip from the level's first convolution" else x
    if w.spelling.style == "other" and not change:
        return w.conv(x, filters, 3, f"{at}_pool", strides=2), kept
    x = w.pool(x, 2, f"{at}_pool", strides=2)
    if here == "skip after the pooling":
        kept = w.layer(f"{at}_larger", L.UpSampling2D, 2)(x)
    return x, kept


def _level(w: Writer, x: Any, filters: int, at: str, change: str = "") -> Any:

    def twice(x: Any) -> Any:
        x = w.conv(x, filters, 3, f"{at}_a", "relu", norm=True)
        return w.conv(
            x,
            filters,
            3,
            "down1_b" if change == "encoder's layer again" else f"{at}_b",
            "relu",
            norm=True,
        )

    return w.part(twice, x, at, chain=True)


def _up(w: Writer, x: Any, kept: Any, level: int, change: str) -> Any:
    """A level of the decoder; changes are in level 1."""
    at, filters = f"up{level}", 4 * 2**level
    here = change if level == 1 else ""
    x = w.rise(x, filters, f"{at}_rise")
    if kept.shape[1:3] != x.shape[1:3]:
        kept = w.layer(f"{at}_fit", L.Resizing, x.shape[1], x.shape[2])(kept)
    if here == "skip convolved":
        kept = w.conv(kept, filters, 3, f"{at}_on_skip", "relu")
    if here == "decoder with itself":
        kept = w.conv(x, filters, 1, f"{at}_itself")
    if here == "skip dropped" or change == "no skips":
        pass
    elif here == "one parent twice":
        x = w.layer(f"{at}_join", L.Concatenate)([x, x])
    elif here == "added" or change == "all added":
        x = w.add(x, kept, f"{at}_join")
    elif here == "multiplied":
        x = w.layer(f"{at}_join", L.Multiply)([x, kept])
    elif here == "joined over rows":
        x = w.concat([x, kept], f"{at}_join", axis=1)
        x = w.pool(x, 1, f"{at}_even", strides=1)
        x = w.layer(f"{at}_crop", L.Cropping2D, ((x.shape[1] // 2, 0), (0, 0)))(x)
    else:
        x = w.concat([x, kept], f"{at}_join")
    return _level(w, x, filters, at, here)


def _masked(w: Writer, x: Any, kept: list[Any], change: str) -> Any:
    if change == "encoder's tensor alone at the end":
        x = w.conv(kept[0], 4, 3, "late")
    if change == "no activation":
        return w.conv(x, 1, 1, "mask", last=True)
    if change == "softmax over one channel":
        return w.conv(x, 1, 1, "mask", "softmax", last=True)
    if change == "two channels":
        return w.conv(x, 2, 1, "mask", "sigmoid", last=True)
    if change == "a vector at the end":
        return w.dense(w.average(x, "pooled"), 1, "mask", "sigmoid")
    x = w.conv(x, 1, 1, "mask", "sigmoid", last=True)
    return w.dropout(x, "rest") if change == "dropout after the sigmoid" else x


BRANCHES = (
    '["conv1x1/1:5", "conv1x1/1:7 conv3x3/1:6", '
    '"conv1x1/1:3 conv5x5/1:4", "maxpool3x3/1 conv1x1/1:8"]'
)
STRUCTURES = (
    Structure(
        "inception module",
        inception,
        (
            f"inception(branches={BRANCHES}, n=1)",
            'count("concat", n=1)',
            'path(".* concat")',
            facts.unshared,
        ),
        {
            "1×1 → 3×3": "conv_1",
            "3×3 → 1×1": "conv_3",
            "5×5 → 3×3": "conv_5",
            "5×5 as two 3×3": "conv_5|conv_5_more",
            "another width": "conv_5",
            "reduction before 3×3 forgotten": "conv_3",
            "reduction after 3×3": "conv_3|reduce_3",
            "reduction shared": "reduce_3",
            "projection before the pooling": "project|pool",
            "2×2 pooling": "pool",
            "average pooling": "pool",
            "pooling not projected": "pool",
            "branch missing": "joined",
            "branch too many": "conv_7",
            "one branch twice": "joined|conv_3",
            "the input itself for a branch": "joined|given",
            "branches chained": "conv_1|reduce_chained",
            "all branches chained": "joined|chained_1",
            "one reduction for two branches": "reduce_3",
            "added": "joined",
            "maximum": "joined",
            "joined over rows": "joined",
            "joined over columns": "joined",
            "joined in two steps, one branch left out": "joined|joined_again",
        },
    ),
    Structure(
        "U-Net",
        unet,
        (
            "unet(skips=3)",
            (
                'path("(conv3x3 conv3x3 down){3} conv3x3 conv3x3 '
                '(up concat conv3x3 conv3x3){3} conv1x1:1")'
            ),
            'head(units=1, activation="sigmoid", rank=4)',
            'not contains("sigmoid dropout")',
            facts.partners([8, 16, 32]),
            facts.direct,
            facts.unshared,
        ),
        {
            "no bottleneck": "down2_pool|up2_rise",
            "skips in the encoder's order": "up2_fit|up2_join|up0_fit|up0_join",
            "last level missing": "up1_b|mask|down0_b",
            "skip from the level's first convolution": "down1_a",
            "skip after the pooling": "down1_pool|down1_larger",
            "encoder's layer again": "down1_b",
            "skip convolved": "up1_on_skip",
            "decoder with itself": "up1_rise|up1_itself|up1_join",
            "skip dropped": "up1_rise|up1_a|down1_b",
            "no skips": "up2_rise|down2_b",
            "one parent twice": "up1_join|up1_rise",
            "added": "up1_join",
            "all added": "up2_join|up1_join|up0_join",
            "multiplied": "up1_join",
            "joined over rows": "up1_join",
            "encoder's tensor alone at the end": "late|down0_b",
            "no activation": "mask",
            "softmax over one channel": "mask",
            "two channels": "mask",
            "a vector at the end": "pooled|mask",
            "dropout after the sigmoid": "rest",
        },
    ),
)
