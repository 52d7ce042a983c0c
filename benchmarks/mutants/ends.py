"""Networks of several ends: two inputs, two outputs."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers as L  # noqa: N812
from keras import ops

from mutants import facts
from mutants.structure import Structure
from mutants.writer import Writer


def two_inputs(w: Writer, change: str) -> Any:
    """An image and numbers, each processed, concatenated as vectors, classified."""
    image = w.input((16, 16, 3), "image")
    numbers = w.input((4,), "metadatum" if change == "an input misnamed" else "metadata")
    sides = w.branches(
        [lambda: _image_side(w, image, change), lambda: _numbers_side(w, numbers, change)]
    )
    x = _merged(w, image, numbers, sides, change)
    if change != "nothing after the concatenation":
        x = w.dense(x, 8, "hidden", "relu")
    x = w.dense(
        x,
        7 if change == "another number of classes" else 5,
        "classes",
        {"sigmoid for softmax": "sigmoid", "no activation": None}.get(change, "softmax"),
    )
    if change == "dropout after softmax":
        x = w.dropout(x, "rest")
    given = [numbers, image] if w.spelling.reversed else [image, numbers]
    return keras.Model([image] if change == "one input only" else given, x)


def _image_side(w: Writer, image: Any, change: str) -> Any:
    def side(x: Any) -> Any:
        x = w.pool(w.conv(x, 4, 3, "conv_1", "relu", norm=True), 2, "pool_1", strides=2)
        if change == "only one convolution":
            return x
        x = w.conv(x, 4, 3, "conv_1b", "relu") if change == "a convolution too many" else x
        return w.conv(x, 8, 3, "conv_2", "relu", norm=True)

    if change == "image not convolved":
        return w.layer("flat", L.Flatten)(image)
    x = w.part(side, image, "image_side", chain=True)
    if change == "maps instead of a vector":
        return x
    return w.layer("flat", L.Flatten)(x) if change == "flattened" else w.average(x, "flat")


def _numbers_side(w: Writer, numbers: Any, change: str) -> Any:
    if change == "numbers not processed":
        return numbers
    x = w.dense(
        numbers,
        8,
        "numbers_1",
        None if change == "numbers processed without activation" else "relu",
    )
    if change == "maps instead of a vector":
        return w.layer("as_map", L.UpSampling2D, 8)(w.layer("as_pixel", L.Reshape, (1, 1, 8))(x))
    return w.dense(x, 8, "numbers_2", "relu") if w.spelling.style == "other" else x


def _merged(  # noqa: C901, PLR0911, PLR0912 — one branch for each change
    w: Writer, image: Any, numbers: Any, sides: list[Any], change: str
) -> Any:
    seen, told = sides
    if change == "maps instead of a vector":
        return w.average(w.concat([seen, told], "joined"), "pooled")
    if change in {"numbers ignored", "one input only"}:
        return seen
    if change == "image ignored":
        return told
    if change == "numbers dead":
        return w.concat([seen, w.dense(seen, 8, "again", "relu")], "joined")
    if change == "image twice":
        return w.layer("joined", L.Concatenate)([seen, seen])
    if change == "added":
        return w.add(seen, told, "joined")
    if change == "multiplied":
        return w.layer("joined", L.Multiply)([seen, told])
    if change == "stacked as rows":
        rows = [w.layer(f"row_{n}", L.Reshape, (1, 8))(side) for n, side in enumerate(sides)]
        return w.layer("flat_rows", L.Flatten)(w.concat(rows, "joined", axis=1))
    if change == "convolution after the concatenation":
        x = w.layer("as_image", L.Reshape, (4, 4, 1))(w.concat([seen, told], "joined"))
        return w.average(w.conv(x, 4, 3, "conv_late", "relu"), "pooled_late")
    if change == "numbers painted on the image":
        wide = w.layer("painted", L.Reshape, (16, 16, 1))(w.dense(numbers, 256, "canvas"))
        x = w.conv(w.concat([image, wide], "early"), 8, 3, "conv_both", "relu")
        return w.concat([w.average(x, "pooled_both"), told], "joined")
    if change == "numbers joined twice":
        return w.concat([w.concat([seen, told], "joined"), told], "joined_again")
    return w.concat([seen, told], "joined")


def localizer(w: Writer, change: str) -> Any:
    """One convolutional trunk, a softmax over classes and four sigmoids."""
    image = w.input((16, 16, 3), "image")
    trunk = w.part(lambda x: _trunk(w, x, change), image, "trunk", chain=True)
    features = w.average(trunk, "pooled")
    label, box = w.branches([lambda: _label(w, trunk, features, change), lambda: None])
    box = _box(w, image, features, label, change)
    if change == "one output only":
        return keras.Model(image, {"label": label})
    if change == "outputs swapped":
        label, box = box, label
    if w.spelling.outputs == "list":
        return keras.Model(image, [label, box])
    if change == "outputs joined":
        return keras.Model(image, {"label": w.concat([label, box], "joined")})
    if change == "output misnamed":
        return keras.Model(image, {"label": label, "boxes": box})
    return keras.Model(image, {"label": label, "box": box})


def _trunk(w: Writer, x: Any, change: str, at: str = "") -> Any:
    x = w.rescale(x, f"{at}scale")
    if change == "no convolution in the trunk":
        return w.pool(x, 2, f"{at}pool_1", strides=2)
    x = w.pool(w.conv(x, 4, 3, f"{at}conv_1", "relu", norm=True), 2, f"{at}pool_1", strides=2)
    return w.conv(x, 8, 3, f"{at}conv_2", "relu", norm=True)


def _label(w: Writer, trunk: Any, features: Any, change: str) -> Any:
    if change == "a convolution for labels alone":
        features = w.average(w.conv(trunk, 8, 3, "conv_label", "relu"), "pooled_label")
    if change == "labels for each pixel":
        features = trunk
    if w.spelling.style == "other":
        features = w.dense(features, 8, "label_hidden", "relu")
    activation = {"labels by sigmoids": "sigmoid", "labels without activation": None}.get(
        change, "softmax"
    )
    x = w.dense(features, 6 if change == "another number of classes" else 5, "label", activation)
    return w.dropout(x, "rest") if change == "dropout after softmax" else x


def _box(w: Writer, image: Any, features: Any, label: Any, change: str) -> Any:
    if change == "box from the labels":
        features = label
    elif change == "box from the pixels":
        features = w.layer("flat", L.Flatten)(image)
    elif change == "a trunk for each output":
        features = w.average(_trunk(w, image, "", "box_"), "box_pooled")
    elif change == "first convolution for boxes apart":
        x = w.conv(w.layer("box_scale", L.Rescaling, 1 / 255)(image), 4, 3, "box_conv", "relu")
        features = w.average(
            w.conv(w.pool(x, 2, "box_pool", strides=2), 8, 3, "conv_2", "relu"), "box_pooled"
        )
    if change == "last layer shared":
        both = w.dense(w.dense(features, 8, "both", "relu"), 5, "label", "softmax")
        return ops.sigmoid(both[:, :4])
    if w.spelling.style == "other":
        features = w.dense(features, 8, "box_hidden", "relu")
    activation = {
        "box by softmax": "softmax",
        "box without activation": None,
        "box by ReLU": "relu",
    }.get(change, "sigmoid")
    x = w.dense(features, 2 if change == "two numbers for a box" else 4, "box", activation)
    return w.dropout(x, "rest") if change == "dropout after the box" else x


STRUCTURES = (
    Structure(
        "two inputs",
        two_inputs,
        (
            facts.inputs("image", "metadata"),
            'between("image", "concat").path("conv3x3 down conv3x3 gap")',
            (
                'between("metadata", "concat").path("dense+") '
                'and between("metadata", "concat").contains("dense relu")'
            ),
            'path(".* concat dense dense:5")',
            facts.seen_only(frozenset({"conv"}), "image"),
            facts.vectors,
            'head(units=5, activation="softmax", rank=2)',
            'not contains("softmax .* dropout")',
        ),
        {
            "an input misnamed": "metadatum",
            "one input only": "image|flat|hidden",
            "numbers ignored": "metadata|flat|hidden",
            "image ignored": "image|numbers_1|hidden",
            "numbers dead": "metadata|again|joined",
            "image twice": "joined|metadata",
            "image not convolved": "flat",
            "only one convolution": "conv_1|pool_1|flat",
            "a convolution too many": "conv_1b|conv_2",
            "maps instead of a vector": "joined|as_map",
            "flattened": "flat",
            "numbers not processed": "metadata|joined",
            "numbers processed without activation": "numbers_1",
            "added": "joined",
            "multiplied": "joined",
            "stacked as rows": "joined|row_0|row_1",
            "convolution after the concatenation": "conv_late|as_image",
            "numbers painted on the image": "early|conv_both",
            "numbers joined twice": "joined_again|joined",
            "nothing after the concatenation": "joined|classes",
            "another number of classes": "classes",
            "sigmoid for softmax": "classes",
            "no activation": "classes",
            "dropout after softmax": "rest",
        },
    ),
    Structure(
        "localizer",
        localizer,
        (
            facts.outputs("label", "box"),
            'head("label", units=5, activation="softmax", rank=2)',
            'head("box", units=4, activation="sigmoid", rank=2)',
            facts.one_trunk,
            'path("rescale conv3x3 down conv3x3 gap dense+")',
            'not contains("(softmax | sigmoid) .* dropout")',
        ),
        {
            "one output only": "label",
            "outputs swapped": "label|box",
            "outputs joined": "joined",
            "output misnamed": "box",
            "no convolution in the trunk": "scale|pool_1|pooled",
            "a convolution for labels alone": "conv_label",
            "labels for each pixel": "label",
            "labels by sigmoids": "label",
            "labels without activation": "label",
            "another number of classes": "label",
            "dropout after softmax": "rest",
            "box from the labels": "label",
            "box from the pixels": "flat|box",
            "a trunk for each output": "box_conv_1|box_conv_2|conv_1|conv_2",
            "first convolution for boxes apart": "box_conv",
            "last layer shared": "label|both",
            "box by softmax": "box",
            "box without activation": "box",
            "box by ReLU": "box",
            "two numbers for a box": "box",
            "dropout after the box": "rest",
        },
    ),
)
