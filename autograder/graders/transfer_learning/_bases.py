"""Hidden bases for transfer learning, their layers, and random batches for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.answers.networks import chain, image_shape, images, network
from autograder.answers.questions import Network, Random

VGG16 = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


def vgg16(side: int, seed: int, widths: Sequence[Sequence[int]] = VGG16) -> Network:
    """`keras.applications.VGG16(weights=None, include_top=False)` for images of that side,
    or a narrow one.
    """
    steps: list[tuple[str, str, dict[str, Any]]] = [images(side, side, name="input_layer")]
    for block, channels in enumerate(widths, 1):
        for number, filters in enumerate(channels, 1):
            settings = {
                "filters": filters,
                "kernel_size": 3,
                "padding": "same",
                "activation": "relu",
            }
            steps.append((f"block{block}_conv{number}", "Conv2D", settings))
        steps.append((f"block{block}_pool", "MaxPooling2D", {"pool_size": 2, "strides": 2}))
    return network("vgg16", chain(*steps), seed)


def normed(side: int, widths: Sequence[int], seed: int) -> Network:
    """Blocks of convolution, batch norm and ReLU, with a rescaling of its own in front."""
    steps: list[tuple[str, str, dict[str, Any]]] = [
        images(side, side),
        ("to_unit_range", "Rescaling", {"scale": 1 / 127.5, "offset": -1.0}),
    ]
    for stage, filters in enumerate(widths, 1):
        settings = {"filters": filters, "kernel_size": 3, "padding": "same", "use_bias": False}
        steps += [
            (f"stage{stage}_conv", "Conv2D", settings),
            (f"stage{stage}_norm", "BatchNormalization", {"momentum": 0.9}),
            (f"stage{stage}_relu", "ReLU", {}),
            (f"stage{stage}_pool", "MaxPooling2D", {"pool_size": 2}),
        ]
    return network("normed_base", chain(*steps), seed)


def residual(height: int, width: int, filters: int, seed: int) -> Network:
    """A base with a shortcut around two convolutions, a dropout,
    and biases beside its batch norms.
    """
    conv = {"kernel_size": 3, "padding": "same"}
    layers = chain(
        images(height, width),
        ("scaled", "Rescaling", {"scale": 1 / 255, "offset": 0.0}),
        ("stem", "Conv2D", {"filters": filters, "strides": 2, **conv}),
        ("stem_norm", "BatchNormalization", {}),
        ("stem_relu", "Activation", {"activation": "relu"}),
        ("deep_one", "SeparableConv2D", {"filters": filters, **conv}),
        ("deep_norm", "BatchNormalization", {}),
        ("deep_relu", "ReLU", {}),
        ("deep_rest", "SpatialDropout2D", {"rate": 0.2}),
        ("deep_two", "Conv2D", {"filters": filters, **conv}),
    )
    layers += [
        ("sum", "Add", {}, ("deep_two", "stem_relu")),
        ("sum_relu", "ReLU", {}, ("sum",)),
        ("top", "Conv2D", {"filters": filters + 3, **conv, "activation": "relu"}, ("sum_relu",)),
    ]
    return network("residual_base", layers, seed)


def arrays_of(base: Any) -> dict[str, np.ndarray]:
    """A base's arrays as "<layer>:<index>"."""
    return {
        f"{layer.name}:{i}": array
        for layer in base.layers
        for i, array in enumerate(layer.get_weights())
    }


def norms_of(base: Any) -> set[str]:
    """Names of a base's batch norms."""
    return {layer.name for layer in base.layers if type(layer).__name__ == "BatchNormalization"}


def layers_from(base: Any, first: str) -> list[str]:
    """Names of a base's layers that are to train if it is unfrozen from `first` on:
    those with arrays, batch norms left out.
    """
    after = base.layers[[layer.name for layer in base.layers].index(first) :]
    return [layer.name for layer in after if layer.weights and layer.name not in norms_of(base)]


def pixels(base: Network, n: int, seed: int) -> Random:
    """Random images for a base."""
    return Random((n, *image_shape(base)), seed, "integers", 0, 256, "uint8")


def batch(base: Network, classes: int, seed: int, n: int = 8) -> dict[str, Any]:
    """What a snippet is given that trains on a random batch."""
    labels = Random((n,), seed + 1, "integers", 0, classes, "int64")
    return {"base": base, "classes": classes, "images": pixels(base, n, seed), "labels": labels}


def drawn(given: Random) -> np.ndarray:
    """Random whole numbers as the student room drew them."""
    rng = np.random.default_rng(given.seed)
    return rng.integers(int(given.low), int(given.high), given.shape).astype(given.dtype)
