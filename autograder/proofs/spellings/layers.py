"""Rewrites of how layers are made and called."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from autograder.proofs.changes import Place
from autograder.proofs.spellings.reading import (
    Applied,
    Rewrite,
    applied,
    extended,
    keyword,
    last_name,
    without,
)

MERGES = {
    "Add": "add", "Multiply": "multiply", "Subtract": "subtract", "Average": "average",
    "Concatenate": "concatenate",
}  # fmt: skip
SYMBOLS = {"Add": "+", "Multiply": "*", "Subtract": "-"}
# names of layers, with a number
NAMES = ("layer {}", "block.{}", "größe {}", "层 {}", "{}", "conv2d_no_{}", "my layer (no. {})")
# those of them by which TensorFlow can name the scope of a training step
SCOPES = ("block.{}", "{}", "conv2d_no_{}")
HELPERS = {
    "numbers": "import itertools\n\n_numbers = itertools.count(1)\n",
    "apply": "def apply_layer(layer, tensor):\n    return layer(tensor)\n",
    "nested": (
        "def as_model(layer, tensor):\n"
        "    inner = keras.Input(tensor.shape[1:])\n"
        "    return keras.Model(inner, layer(inner))(tensor)\n"
    ),
    "chain": (
        "def chained(parts):\n"
        "    tensor = parts[0]\n"
        "    for part in parts[1:]:\n"
        "        tensor = part(tensor)\n"
        "    return keras.Model(parts[0], tensor)\n"
    ),
    "wrapped": (
        "class Wrapped(keras.layers.Layer):\n"
        "    def __init__(self, inner):\n"
        "        super().__init__()\n"
        "        self.inner = inner\n\n"
        "    def call(self, tensor):\n"
        "        return self.inner(tensor)\n\n"
        "    def compute_output_shape(self, shape):\n"
        "        return self.inner.compute_output_shape(shape)\n"
    ),
    "network": (
        "class Network(keras.Model):\n"
        "    def __init__(self, inputs, outputs, **more):\n"
        "        super().__init__(inputs=inputs, outputs=outputs, **more)\n"
    ),
}


def merge_as_operator(place: Place) -> Iterator[Rewrite]:
    """`Add()([a, b])` as `a + b`."""
    parts = _merged(found := applied(place.node))
    if found and found.name in SYMBOLS and len(parts) == 2:
        yield Rewrite(place.node, f"(({parts[0]}) {SYMBOLS[found.name]} ({parts[1]}))")


def merge_as_function(place: Place) -> Iterator[Rewrite]:
    """`Add()([a, b])` as `layers.add([a, b])` or `keras.ops.add(a, b)`."""
    if (parts := _merged(found := applied(place.node))) and found:
        name, several = MERGES[found.name], ", ".join(parts)
        yield Rewrite(place.node, f"layers.{name}([{several}])")
        if name == "concatenate":
            yield Rewrite(place.node, f"keras.ops.concatenate([{several}], axis=-1)")
        elif len(parts) == 2:
            yield Rewrite(place.node, f"keras.ops.{name}({several})")


def merge_turned(place: Place) -> Iterator[Rewrite]:
    """`Add()([a, b])` as `Add()([b, a])`."""
    parts = _merged(found := applied(place.node))
    if parts and found and found.name != "Subtract":
        yield Rewrite(place.node, f"layers.{found.name}()([{', '.join(reversed(parts))}])")


def branches_turned(place: Place) -> Iterator[Rewrite]:
    """Tensors in a list in another order."""
    node = place.node
    listed = isinstance(node, ast.Assign) and isinstance(node.value, ast.List)
    if listed and len(node.value.elts) > 2 and all(_is_call(one) for one in node.value.elts):
        parts = ", ".join(ast.unparse(one) for one in reversed(node.value.elts))
        yield Rewrite(node.value, f"[{parts}]")


def difference_as_layer(place: Place) -> Iterator[Rewrite]:
    """The difference of two calls as a layer, or as an operation."""
    node = place.node
    differs = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    if differs and _is_call(node.left) and _is_call(node.right):
        pair = f"{ast.unparse(node.left)}, {ast.unparse(node.right)}"
        if not _is_of_arrays(node):
            yield Rewrite(node, f"layers.Subtract()([{pair}])")
            yield Rewrite(node, f"keras.ops.subtract({pair})")


def relu_otherwise(place: Place) -> Iterator[Rewrite]:
    """`ReLU()(x)` as an activation layer, a function or an operation."""
    found = applied(place.node)
    if found and found.name == "ReLU" and not found.layer.args and not found.layer.keywords:
        for text in (
            'layers.Activation("relu")',
            "layers.Activation(keras.activations.relu)",
            "layers.LeakyReLU(negative_slope=0.0)",
            "keras.activations.relu",
            "keras.ops.relu",
        ):
            yield Rewrite(place.node, f"{text}({found.tensor})")
        yield Rewrite(place.node, f"keras.ops.maximum({found.tensor}, 0.0)")


def activation_apart(place: Place) -> Iterator[Rewrite]:
    """An activation that is a layer's argument as a call of its own."""
    if not (found := applied(place.node)) or found.name == "Activation":
        return
    value = keyword(found.layer, "activation")
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        name, inner = value.value, f"{without(found.layer, 'activation')}({found.tensor})"
        yield Rewrite(place.node, f'layers.Activation("{name}")({inner})')
        yield Rewrite(place.node, f"keras.activations.{name}({inner})")
        if name in {"relu", "softmax", "sigmoid"}:
            yield Rewrite(place.node, f"keras.ops.{name}({inner})")
        if layer := {"relu": "ReLU", "softmax": "Softmax"}.get(name):
            yield Rewrite(place.node, f"layers.{layer}()({inner})")


def activation_as_function(place: Place) -> Iterator[Rewrite]:
    """`activation="relu"` as `activation=keras.activations.relu`."""
    if isinstance(place.node, ast.Call):
        value = keyword(place.node, "activation")
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield Rewrite(value, f"keras.activations.{value.value}")
            yield Rewrite(value, f"keras.ops.{value.value}")


def rescaling_otherwise(place: Place) -> Iterator[Rewrite]:
    """`Rescaling(a, offset=b)(x)` as arithmetic."""
    if (found := applied(place.node)) and found.name == "Rescaling" and found.layer.args:
        scale, offset = ast.unparse(found.layer.args[0]), keyword(found.layer, "offset")
        plus = f" + ({ast.unparse(offset)})" if offset is not None else ""
        yield Rewrite(place.node, f"({found.tensor} * ({scale}){plus})")
        yield Rewrite(place.node, f"(keras.ops.multiply({found.tensor}, {scale}){plus})")


def pooling_otherwise(place: Place) -> Iterator[Rewrite]:
    """Pooling over everything, and flattening, in other words."""
    found = applied(place.node)
    if not found or found.layer.args or found.layer.keywords:
        return
    if found.name == "GlobalAveragePooling2D":
        yield Rewrite(place.node, f"keras.ops.mean({found.tensor}, axis=(1, 2))")
        kept = f"layers.GlobalAveragePooling2D(keepdims=True)({found.tensor})"
        yield Rewrite(place.node, f"layers.Flatten()({kept})")
    elif found.name == "Flatten":
        yield Rewrite(place.node, f"layers.Reshape((-1,))({found.tensor})")


def padding_by_hand(place: Place) -> Iterator[Rewrite]:
    """A convolution with stride 1 and padding "same" as one after a padding with zeros."""
    found = applied(place.node)
    if not found or found.name != "Conv2D" or len(found.layer.args) != 2:
        return
    padding, kernel = keyword(found.layer, "padding"), found.layer.args[1]
    is_same = isinstance(padding, ast.Constant) and padding.value == "same"
    odd = isinstance(kernel, ast.Constant) and isinstance(kernel.value, int) and kernel.value % 2
    if is_same and odd and keyword(found.layer, "strides") is None:
        padded = f"layers.ZeroPadding2D({ast.literal_eval(kernel) // 2})({found.tensor})"
        yield Rewrite(place.node, f"{without(found.layer, 'padding')}({padded})")


def applied_otherwise(place: Place) -> Iterator[Rewrite]:
    """A call of a layer through a function, a Sequential, a nested model, a layer of one's own."""
    found = applied(place.node)
    if not found or found.name == "Input" or found.is_named:
        return
    layer, tensor = ast.unparse(found.layer), found.tensor
    yield Rewrite(place.node, f"apply_layer({layer}, {tensor})", ("apply",))
    yield Rewrite(place.node, f"{layer}.__call__({tensor})")
    if not found.is_merge and found.name not in MERGES:
        yield Rewrite(place.node, f"keras.Sequential([{layer}])({tensor})")
        yield Rewrite(place.node, f"as_model({layer}, {tensor})", ("nested",))
        yield Rewrite(place.node, f"Wrapped({layer})({tensor})", ("wrapped",))


def sequential_as_functional(place: Place) -> Iterator[Rewrite]:
    """A Sequential with its input as a functional model."""
    node = place.node
    if isinstance(node, ast.Call) and last_name(node.func) == "Sequential" and node.args:
        parts = node.args[0]
        if isinstance(parts, ast.List) and "Input(" in ast.unparse(parts.elts[0]):
            yield Rewrite(node, f"chained({ast.unparse(parts)})", ("chain",))


def model_otherwise(place: Place) -> Iterator[Rewrite]:
    """`keras.Model(…)` by its other name, as a class of one's own; several inputs as a dict."""
    node = place.node
    if not isinstance(node, ast.Call) or ast.unparse(node.func) != "keras.Model":
        return
    yield Rewrite(node.func, "keras.models.Model")
    if len(node.args) == 2:
        yield Rewrite(node.func, "Network", ("network",))
        inputs = node.args[0]
        if isinstance(inputs, ast.List) and all(isinstance(one, ast.Name) for one in inputs.elts):
            pairs = ", ".join(f'"{ast.unparse(one)}": {ast.unparse(one)}' for one in inputs.elts)
            yield Rewrite(inputs, f"{{{pairs}}}")


def named(place: Place) -> Iterator[Rewrite]:
    """A layer with a name of its own."""
    found = applied(place.node)
    if found and found.name != "Input" and not found.is_named:
        for form in NAMES:
            yield Rewrite(found.layer, extended(found.layer, _name(form)), ("numbers",))


def is_trainable(rewrite: Rewrite) -> bool:
    """Whether a model can be trained afterwards: on TensorFlow, Keras raises for layers whose names
    have spaces or other than ASCII letters.
    """
    return not any(_name(form) in rewrite.text for form in NAMES if form not in SCOPES)


def _name(form: str) -> str:
    return f'name=f"{form.format("{next(_numbers)}")}"'


def _merged(found: Applied | None) -> list[str]:
    """The tensors of a merge that is written in full."""
    if not found or found.name not in MERGES or found.layer.args or found.layer.keywords:
        return []
    tensors = found.call.args[0]
    return [ast.unparse(one) for one in tensors.elts] if isinstance(tensors, ast.List) else []


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call)


def _is_of_arrays(node: ast.BinOp) -> bool:
    """Whether NumPy or Python computes it, and not Keras."""
    text = ast.unparse(node)
    return any(word in text for word in ("np.", "max(", "min("))
