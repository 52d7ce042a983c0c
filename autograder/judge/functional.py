"""What the graders of functional_api share: named ends,
the two branches of a comparison, hidden networks, boxes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from autograder.architecture import Architecture
from autograder.architecture.facts import Head
from autograder.architecture.witnesses import outputs
from autograder.judge.answers import Answers
from autograder.judge.expectations import Failure, expect
from autograder.judge.structure import at
from autograder.judge.transfer import Layer, chain, network
from autograder.questions import Network, Question, Snippet

NAMES = """
import keras
model = notebook[given["function"]](*given["args"])
inputs = model.input
if isinstance(inputs, dict):
    answer = list(inputs)
else:
    answer = [tensor.name for tensor in keras.tree.flatten(inputs)]
"""
RESNET50 = (3, 4, 6, 3)  # blocks a stage


class Comparison(NamedTuple):
    """The two tensors that a model of two inputs compares, and the model from them on."""

    shapes: tuple[tuple[int | None, ...], ...]  # batch left out
    rest: Any  # keras.Model of two vectors


def names_of_inputs(function: str, *args: Any) -> Question:
    """Ask for the names under which a model takes its inputs:
    an input's own, or the key of a dictionary.
    """
    return Snippet(NAMES, {"function": function, "args": args})


def expect_named_inputs(answers: Answers, question: str, wanted: set[str]) -> None:
    """Fail unless the inputs go by these names."""
    found = set(answers.value(question))
    expect(
        found == wanted,
        f"inputs named {_listed(wanted)}",
        _listed(found),
        misconception="inputs_unnamed",
    )


def probabilities(model: Any, seed: int = 0) -> np.ndarray:
    """What a model with one output gives for random inputs of several magnitudes, row by row."""
    found = [
        np.asarray(outputs(model, random_inputs(model, scale, seed)))
        for scale in (1.0, 20.0, 255.0)
    ]
    return np.concatenate(found).astype("float64")


def random_inputs(model: Any, scale: float, seed: int = 0, n: int = 8) -> list[np.ndarray]:
    """Numbers between 0 and `scale` for each input."""
    rng = np.random.default_rng(seed)
    return [
        rng.uniform(0, scale, (n, *tensor.shape[1:])).astype("float32") for tensor in model.inputs
    ]


def adds_up_to_one(values: np.ndarray) -> bool:
    """Whether each row is a distribution."""
    return bool(np.allclose(values.sum(axis=-1), 1, atol=1e-3) and (values >= 0).all())


def is_sigmoid(head: Head, values: np.ndarray) -> bool:
    """Whether an output is a sigmoid, by its activation,
    or by its values where that is written out.
    """
    if head.activation != "linear" or head.node is head.layer:
        return head.activation == "sigmoid"
    return bool(((values >= 0) & (values <= 1)).all())


def named_heads(architecture: Architecture, classes: int) -> dict[str, Head]:
    """The heads `label` and `box`: by name, or by their size where they have no such names.

    Raises:
        Failure: there are no two such outputs.
    """
    found = {head.name: head for head in architecture.heads}
    if {"label", "box"} <= set(found):
        return found
    by_size = {head.units: head for head in architecture.heads}
    if len(architecture.heads) == 2 and {classes, 4} <= set(by_size):
        return {"label": by_size[classes], "box": by_size[4]}
    sizes = ", ".join(f"«{head.name}» of size {head.units}" for head in architecture.heads)
    raise Failure(
        f"two outputs, label of size {classes} and box of size 4",
        sizes,
        misconception=heads_mistake(architecture),
        place=at(h.node for h in architecture.heads),
    )


def heads_mistake(architecture: Architecture) -> str | None:
    """Why there are no two heads of the right size."""
    if any(head.rank == 4 for head in architecture.heads):
        return "dense_on_feature_map"
    return "one_output" if len(architecture.heads) == 1 else None


def head_models(model: Any, architecture: Architecture, classes: int) -> dict[str, Any]:
    """A model for each head of a rebuilt model, on the same layers."""
    import keras

    order = [head.name for head in architecture.heads]
    flat = list(model.output.values()) if isinstance(model.output, dict) else list(model.outputs)
    if isinstance(model.output, dict):
        order = list(model.output)
    heads = {name: head.name for name, head in named_heads(architecture, classes).items()}
    return {
        name: keras.Model(model.inputs[0], flat[order.index(own)])
        for name, own in heads.items()
        if own in order
    }


def comparison(model: Any) -> Comparison | None:
    """Where the two inputs of a rebuilt model meet:
    None unless one tensor of each side meets the other.
    """
    import keras

    reached = {id(tensor): 1 << place for place, tensor in enumerate(model.inputs)}
    edge: dict[int, dict[int, Any]] = {1: {}, 2: {}}

    def reach(tensor: Any) -> int:
        if id(tensor) not in reached:
            history = tensor._keras_history  # noqa: SLF001
            parents = history.operation._inbound_nodes[history.node_index].input_tensors  # noqa: SLF001
            sides = [reach(parent) for parent in parents]
            reached[id(tensor)] = bits = int(np.bitwise_or.reduce([0, *sides]))
            if bits == 3:
                for parent, side in zip(parents, sides, strict=True):
                    edge.get(side, {})[id(parent)] = parent
        return reached[id(tensor)]

    reach(model.outputs[0])
    if [len(edge[1]), len(edge[2])] != [1, 1]:
        return None
    pair = [next(iter(edge[side].values())) for side in (1, 2)]
    return Comparison(
        tuple(tuple(tensor.shape[1:]) for tensor in pair), keras.Model(pair, model.outputs[0])
    )


@contextmanager
def shaken(model: Any, seed: int = 0) -> Iterator[None]:
    """While this lasts, a rebuilt model's kernels are random:
    what holds does so whatever it begins with, zeros too.
    """
    rng, before = np.random.default_rng(seed), model.get_weights()
    for variable in model.trainable_variables:
        if len(variable.shape) > 1:
            variable.assign(rng.normal(size=variable.shape) / np.prod(variable.shape[:-1]) ** 0.5)
        elif variable.name == "gamma":
            variable.assign(np.ones(variable.shape))
    try:
        yield
    finally:
        model.set_weights(before)


def overlap(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Intersection over union, row by row, of boxes (x_min, y_min, x_max, y_max);
    0 for what is no box.
    """
    low, high = np.maximum(found[:, :2], wanted[:, :2]), np.minimum(found[:, 2:], wanted[:, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=1)
    union = _area(found) + _area(wanted) - both
    shares = np.divide(both, union, out=np.zeros(len(both)), where=union > 0)
    found_shares: np.ndarray = np.nan_to_num(shares).astype("float64")
    return found_shares


# --- hidden networks: explicit names, some layers frozen -----------------------------------------


def vgg16_with_top(seed: int, width: int, classes: int) -> Network:
    """`keras.applications.VGG16(weights=None)` for 32×32 pixels, narrow;
    its first block is frozen.
    """
    steps: list[tuple[str, str, dict[str, Any]]] = [_images(32, "input_layer")]
    for block, count in enumerate((2, 2, 3, 3, 3), 1):
        settings = {
            "filters": width + block,
            "kernel_size": 3,
            "padding": "same",
            "activation": "relu",
        }
        frozen = {"trainable": False} if block == 1 else {}
        steps += [
            (f"block{block}_conv{n}", "Conv2D", settings | frozen) for n in range(1, count + 1)
        ]
        steps.append((f"block{block}_pool", "MaxPooling2D", {"pool_size": 2, "strides": 2}))
    steps.append(("flatten", "Flatten", {}))
    steps += [
        (name, "Dense", {"units": 3 * width, "activation": "relu"}) for name in ("fc1", "fc2")
    ]
    return network("vgg16", chain(*steps, _classifier(classes)), seed)


def resnet50(seed: int, width: int, classes: int) -> Network:
    """`keras.applications.ResNet50(weights=None)` for 32×32 pixels, narrow."""
    layers = chain(
        _images(32, "input_layer"),
        ("conv1_pad", "ZeroPadding2D", {"padding": 3}),
        ("conv1_conv", "Conv2D", {"filters": width, "kernel_size": 7, "strides": 2}),
        ("conv1_bn", "BatchNormalization", {"epsilon": 1.001e-5}),
        ("conv1_relu", "Activation", {"activation": "relu"}),
        ("pool1_pad", "ZeroPadding2D", {"padding": 1}),
        ("pool1_pool", "MaxPooling2D", {"pool_size": 3, "strides": 2}),
    )
    for stage, blocks in enumerate(RESNET50):
        for block in range(blocks):
            strides = 2 if stage and not block else 1
            layers += _bottleneck(
                f"conv{stage + 2}_block{block + 1}",
                layers[-1][0],
                width + stage,
                strides,
                not block,
            )
    layers += [("avg_pool", "GlobalAveragePooling2D", {}, (layers[-1][0],))]
    return network("resnet50", [*layers, _last(classes, "avg_pool")], seed)


def forked(seed: int, side: int, width: int, classes: int) -> Network:
    """Two branches that are concatenated, a dropout before the last layer,
    and one frozen convolution.
    """
    conv = {"padding": "same", "activation": "relu"}
    layers = chain(
        _images(side, "pixels"),
        ("scaled", "Rescaling", {"scale": 1 / 255, "offset": 0.0}),
        (
            "stem",
            "Conv2D",
            {"filters": width, "kernel_size": 3, "strides": 2, "trainable": False, **conv},
        ),
    )
    layers += [
        ("narrow_window", "Conv2D", {"filters": width, "kernel_size": 1, **conv}, ("stem",)),
        ("wide_window", "Conv2D", {"filters": width + 1, "kernel_size": 5, **conv}, ("stem",)),
        ("both", "Concatenate", {}, ("narrow_window", "wide_window")),
        ("norm", "BatchNormalization", {}, ("both",)),
        ("vector", "GlobalAveragePooling2D", {}, ("norm",)),
        ("hidden", "Dense", {"units": 2 * width, "activation": "tanh"}, ("vector",)),
        ("rest", "Dropout", {"rate": 0.4}, ("hidden",)),
        _last(classes, "rest"),
    ]
    return network("forked", layers, seed)


def summed(seed: int, side: int, width: int, classes: int) -> Network:
    """A network whose last layer reads `a + b`, an operation that is not among `model.layers`."""
    layers = chain(
        _images(side, "pixels"),
        ("patches", "Conv2D", {"filters": width, "kernel_size": 4, "strides": 4}),
    )
    layers += [
        ("vector", "GlobalMaxPooling2D", {}, ("patches",)),
        ("one", "Dense", {"units": width + 2, "activation": "relu"}, ("vector",)),
        ("other", "Dense", {"units": width + 2, "activation": "tanh"}, ("vector",)),
        ("plus", "Add", {}, ("one", "other")),
        _last(classes, "plus"),
    ]
    made = network("summed", layers, seed)
    config = json.loads(made.config)
    entry = next(layer for layer in config["config"]["layers"] if layer["name"] == "plus")
    entry["module"] = "keras.src.ops.numpy"
    entry["inbound_nodes"] = [{"args": entry["inbound_nodes"][0]["args"][0], "kwargs": {}}]
    return replace(made, config=json.dumps(config))


def _bottleneck(name: str, before: str, width: int, strides: int, projected: bool) -> list[Layer]:
    found: list[Layer] = []
    shortcut = before
    if projected:
        wide = {"filters": 4 * width, "kernel_size": 1, "strides": strides}
        shortcut = f"{name}_0_bn"
        found += [
            (f"{name}_0_conv", "Conv2D", wide, (before,)),
            (shortcut, *_NORM, (f"{name}_0_conv",)),
        ]
    settings: tuple[dict[str, Any], ...] = (
        {"filters": width, "kernel_size": 1, "strides": strides},
        {"filters": width, "kernel_size": 3, "padding": "same"},
        {"filters": 4 * width, "kernel_size": 1},
    )
    for number, setting in enumerate(settings, 1):
        found += [
            (f"{name}_{number}_conv", "Conv2D", setting, (before,)),
            (f"{name}_{number}_bn", *_NORM, (f"{name}_{number}_conv",)),
        ]
        before = f"{name}_{number}_bn"
        if number < len(settings):
            found.append((f"{name}_{number}_relu", "Activation", {"activation": "relu"}, (before,)))
            before = f"{name}_{number}_relu"
    return [
        *found,
        (f"{name}_add", "Add", {}, (shortcut, before)),
        (f"{name}_out", "Activation", {"activation": "relu"}, (f"{name}_add",)),
    ]


_NORM: tuple[str, dict[str, Any]] = ("BatchNormalization", {"epsilon": 1.001e-5})


def _last(classes: int, reads: str) -> Layer:
    name, cls, settings = _classifier(classes)
    return name, cls, settings, (reads,)


def _classifier(classes: int) -> tuple[str, str, dict[str, Any]]:
    return "predictions", "Dense", {"units": classes, "activation": "softmax"}


def _images(side: int, name: str) -> tuple[str, str, dict[str, Any]]:
    return name, "InputLayer", {"batch_shape": [None, side, side, 3], "dtype": "float32"}


def _area(boxes: np.ndarray) -> np.ndarray:
    area: np.ndarray = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)
    return area


def _listed(names: Iterable[str] | Sequence[str]) -> str:
    return ", ".join(f"«{name}»" for name in sorted(names)) or "none"
