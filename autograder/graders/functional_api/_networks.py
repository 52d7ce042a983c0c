"""Hidden networks, with explicit names and some layers frozen, and what their layers give."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.answers.networks import Layer, chain, images, made, network
from autograder.judge import Case, Network, Random

RESNET50 = (3, 4, 6, 3)  # blocks a stage
HALF = 0.02  # of the largest number, after tens of layers in half precision
SHALLOW = (1, 2, 1, 1)  # every sort of block, and a third of the variables to make


def vgg16_with_top(seed: int, width: int, classes: int) -> Network:
    """`keras.applications.VGG16(weights=None)` for 32×32 pixels, narrow;
    its first block is frozen.
    """
    steps: list[tuple[str, str, dict[str, Any]]] = [images(32, 32, "input_layer")]
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


def resnet(seed: int, width: int, classes: int, blocks: Sequence[int] = SHALLOW) -> Network:
    """`keras.applications.ResNet50(weights=None)` for 32×32 pixels, narrow,
    with so many blocks a stage.
    """
    layers = chain(
        images(32, 32, "input_layer"),
        ("conv1_pad", "ZeroPadding2D", {"padding": 3}),
        ("conv1_conv", "Conv2D", {"filters": width, "kernel_size": 7, "strides": 2}),
        ("conv1_bn", "BatchNormalization", {"epsilon": 1.001e-5}),
        ("conv1_relu", "Activation", {"activation": "relu"}),
        ("pool1_pad", "ZeroPadding2D", {"padding": 1}),
        ("pool1_pool", "MaxPooling2D", {"pool_size": 3, "strides": 2}),
    )
    for stage, count in enumerate(blocks):
        for block in range(count):
            strides = 2 if stage and not block else 1
            layers += _bottleneck(
                f"conv{stage + 2}_block{block + 1}",
                layers[-1][0],
                width + stage,
                strides,
                not block,
            )
    layers += [("avg_pool", "GlobalAveragePooling2D", {}, (layers[-1][0],))]
    return network("resnet", [*layers, _last(classes, "avg_pool")], seed)


def forked(seed: int, side: int, width: int, classes: int) -> Network:
    """Two branches that are concatenated, a dropout before the last layer,
    and one frozen convolution.
    """
    conv = {"padding": "same", "activation": "relu"}
    layers = chain(
        images(side, side),
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
        images(side, side),
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


def given_network(case: Case) -> Any:
    """The network that the question gives."""
    return made(case.given["model"])


def given_outputs(case: Case) -> list[np.ndarray]:
    """What the extractor of an answer gives, in order."""
    arrays = case.arrays
    return [arrays[key] for key in sorted(arrays) if key.isdigit()]


def activations(case: Case, side: str = "output") -> list[np.ndarray]:
    """What the layers asked for give for the images; with "input", what they read."""
    return _activations(case, case.given["names"], side)


def features(case: Case) -> np.ndarray:
    """What the last layer reads."""
    return _activations(case, [given_network(case).layers[-1].name], "input")[0]


def of_last_layer(case: Case) -> np.ndarray:
    """For each variable of the network whether it is the last layer's."""
    base = given_network(case)
    last = {id(weight) for weight in base.layers[-1].weights}
    return np.array([id(weight) in last for weight in base.weights])


def all_close(found: Sequence[np.ndarray], wanted: Sequence[np.ndarray]) -> bool:
    """Whether arrays are equal one by one, but for rounding."""
    return len(found) == len(wanted) and all(map(close, found, wanted))


def close(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Equal but for rounding, measured by the largest of the numbers: a hidden network computes in
    half precision where the notebook asks Keras for it.
    """
    scale = float(np.abs(wanted).max())
    allowed = (HALF if found.dtype.itemsize == 2 else 1e-3) * scale + 1e-6
    return found.shape == wanted.shape and bool(np.abs(found - wanted).max() <= allowed)


def _activations(case: Case, names: Sequence[str], side: str) -> list[np.ndarray]:
    import keras

    base, given = given_network(case), case.given["images"]
    assert isinstance(given, Random)
    rng = np.random.default_rng(given.seed)
    pixels = rng.uniform(given.low, given.high, given.shape).astype(given.dtype)
    tensors = [keras.tree.flatten(getattr(base.get_layer(name), side))[0] for name in names]
    found = keras.Model(base.inputs, tensors)([pixels], training=False)
    return [np.asarray(one) for one in keras.tree.flatten(found)]


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
