"""Rewrites of arguments and values."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.proofs.changes import Place
from autograder.proofs.spellings.reading import Rewrite, extended, keyword, last_name

SAME = {  # other names that Keras has for a class
    "MaxPooling2D": "MaxPool2D", "GlobalAveragePooling2D": "GlobalAvgPool2D",
    "Conv2D": "Convolution2D", "SeparableConv2D": "SeparableConvolution2D",
    "Conv2DTranspose": "Convolution2DTranspose",
}  # fmt: skip
POSITIONAL = {
    "Conv2D": ("filters", "kernel_size"), "SeparableConv2D": ("filters", "kernel_size"),
    "Conv2DTranspose": ("filters", "kernel_size"), "MaxPooling2D": ("pool_size",),
    "Dense": ("units",), "Dropout": ("rate",), "Rescaling": ("scale",), "Input": ("shape",),
    "Model": ("inputs", "outputs"),
}  # fmt: skip
DEFAULTS = {
    "BatchNormalization": "axis=-1", "Dense": "use_bias=True", "Concatenate": "axis=-1",
    "Conv2D": "dilation_rate=1", "MaxPooling2D": 'data_format="channels_last"',
}  # fmt: skip


def class_by_another_name(place: Place) -> Iterator[Rewrite]:
    """`MaxPool2D` for `MaxPooling2D`, `keras.layers` for `layers`."""
    node = place.node
    if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "layers":
        yield Rewrite(node, f"keras.layers.{node.attr}")
        if node.attr in SAME:
            yield Rewrite(node, f"layers.{SAME[node.attr]}")


def arguments_by_name(place: Place) -> Iterator[Rewrite]:
    """`Conv2D(filters=f, kernel_size=3)` for `Conv2D(f, 3)`."""
    node = place.node
    known = POSITIONAL.get(last_name(node.func), ()) if isinstance(node, ast.Call) else ()
    if known and 0 < len(node.args) <= len(known):
        given = [f"{name}={ast.unparse(one)}" for name, one in zip(known, node.args, strict=False)]
        others = [ast.unparse(one) for one in node.keywords]
        yield Rewrite(node, f"{ast.unparse(node.func)}({', '.join(given + others)})")


def pairs(place: Place) -> Iterator[Rewrite]:
    """A kernel, a stride, a pool as (k, k)."""
    node = place.node
    if not isinstance(node, ast.Call) or last_name(node.func) not in POSITIONAL:
        return
    if not last_name(node.func).endswith(("2D", "2DTranspose")):
        return
    kernel = node.args[1:2] if "Conv" in last_name(node.func) else node.args[:1]
    strides = [one.value for one in node.keywords if one.arg in {"strides", "kernel_size"}]
    for value in [*kernel, *strides]:
        if isinstance(value, ast.Constant | ast.Name):
            yield Rewrite(value, f"({ast.unparse(value)}, {ast.unparse(value)})")


def defaults_spelled_out(place: Place) -> Iterator[Rewrite]:
    """An argument that says what holds anyway."""
    node = place.node
    said = DEFAULTS.get(last_name(node.func), "") if isinstance(node, ast.Call) else ""
    if said and keyword(node, said.partition("=")[0]) is None:
        yield Rewrite(node, extended(node, said))


def computed(place: Place) -> Iterator[Rewrite]:
    """A constant worked out."""
    node = place.node
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value > 1:
        yield Rewrite(node, f"({node.value - 1} + 1)")
        yield Rewrite(node, f'int("{node.value}")')
        yield Rewrite(node, f"max(1, {node.value})")
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 2:
        half = len(node.value) // 2
        yield Rewrite(node, f"({node.value[:half]!r} + {node.value[half:]!r})")
        yield Rewrite(node, f"str({node.value!r})")


def value_named(place: Place) -> Iterator[Rewrite]:
    """An expression through a function without a name."""
    if isinstance(place.node, ast.Call) and isinstance(place.above[-1], ast.Assign | ast.Return):
        yield Rewrite(place.node, f"(lambda: {ast.unparse(place.node)})()")


def condition_turned(place: Place) -> Iterator[Rewrite]:
    """`a if c else b` as `b if not c else a`."""
    node = place.node
    if isinstance(node, ast.IfExp):
        test, body, orelse = (ast.unparse(one) for one in (node.test, node.body, node.orelse))
        yield Rewrite(node, f"(({orelse}) if not ({test}) else ({body}))")
