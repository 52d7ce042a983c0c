"""Hidden bases for transfer learning, and which arrays of an answer are a base's.

A base's layers are told by their names, which Keras keeps wherever a base is nested, flattened or
called anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from labkit import Scenes, backbone

from autograder.answers.networks import chain, images, layer_names, network
from autograder.answers.questions import Network
from autograder.architecture import Architecture, Node
from autograder.judge.answers import Answers
from autograder.judge.expectations import Failure, listed
from autograder.judge.structure import at
from autograder.judge.trained import Shape

VGG16 = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))


@dataclass(frozen=True)
class Moved:
    """What became of the arrays of a base in some model, each named "<layer>:<index>"."""

    changed: tuple[str, ...]
    missing: tuple[str, ...]


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


def short(key: str) -> str:
    """The same name for an array of an answer, wherever its layer stands:
    "<layer path>:<index>" without the path.
    """
    return key.rpartition("/")[2]


def compared(base: Any, weights: Mapping[str, np.ndarray]) -> Moved:
    """Which arrays of a base are not in `weights` as they were, bit for bit."""
    found = {short(key): array for key, array in weights.items()}
    wanted = arrays_of(base)
    missing = tuple(
        key for key in wanted if key not in found or found[key].shape != wanted[key].shape
    )
    changed = tuple(
        key for key in wanted if key not in missing and not np.array_equal(found[key], wanted[key])
    )
    return Moved(changed, missing)


def trains(answers: Answers, question: str) -> tuple[str, ...]:
    """The arrays that the answer trains, by `model.trainable_weights`
    as it was in the student room.
    """
    live = answers.answer(question).config().get("live", {})
    keys = live.get("trainable_weights") if isinstance(live, dict) else None
    return tuple(short(str(key)) for key in keys) if isinstance(keys, list) else ()


def layers_of(keys: Iterable[str]) -> list[str]:
    """The layers of some arrays, each once."""
    return list(dict.fromkeys(key.partition(":")[0] for key in keys))


def norms_of(base: Any) -> set[str]:
    """Names of a base's batch norms."""
    return {layer.name for layer in base.layers if type(layer).__name__ == "BatchNormalization"}


def layers_from(base: Any, first: str) -> list[str]:
    """Names of a base's layers that train from `first` on:
    those with arrays, batch norms left out.
    """
    with_arrays = [
        layer.name for layer in base.layers if layer.weights and layer.name not in norms_of(base)
    ]
    return with_arrays[with_arrays.index(first) :]


def of_base(architecture: Architecture, base: Network) -> tuple[Node, ...]:
    """The nodes of a model that are the base's, its input left out."""
    known = set(layer_names(base))
    return tuple(node for node in architecture.nodes if node.name in known and node.kind != "input")


def expect_inside(answers: Answers, question: str, base: Any) -> None:
    """Fail unless the base's layers are in the answer."""
    there = {short(key) for key in answers.answer(question).weights()}
    gone = layers_of(key for key in arrays_of(base) if key not in there)
    if gone:
        raise Failure(
            f"the layers of the base «{base.name}» in the model",
            f"{listed(gone)} missing",
            misconception="base_not_inside",
            place=at(answers.architecture(question).nodes[:1]),
        )


def backbone_features(
    answers: Answers, name: str, scenes: Callable[[], Scenes]
) -> tuple[np.ndarray, np.ndarray]:
    """What the released backbone gives for some scenes,
    and their labels; worked out once for all tasks.
    """
    key = ("backbone features", name)
    if key not in answers.cache:
        drawn = scenes()
        answers.cache[key] = (
            backbone().predict(drawn.images, batch_size=100, verbose=0),
            drawn.labels,
        )
    found: tuple[np.ndarray, np.ndarray] = answers.cache[key]
    return found


def some_images(model: Any, seed: int, n: int = 8) -> np.ndarray:
    """Random pixels for one step of training."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, *model.input_shape[1:])).astype("float32")


def some_targets(model: Any, seed: int, n: int = 8) -> np.ndarray:
    """Random targets for a step on the mean squared error,
    which moves probabilities and logits alike.
    """
    return np.random.default_rng(seed).normal(size=(n, *model.output_shape[1:])).astype("float32")


def accuracy(model: Any, inputs: np.ndarray, labels: np.ndarray) -> float:
    """The share of inputs for which the model's largest number is the right one's."""
    guesses = model.predict(inputs, batch_size=100, verbose=0).argmax(axis=1)
    return float(np.mean(guesses == labels))


def input_mistake(given: Shape, shape: Shape) -> str | None:
    """Why a classifier on features takes that shape and not the other."""
    if len(shape) == 3 and given[-1:] == (3,) and shape[-1] != 3:
        return "classifier_on_images"
    return "pooled_outside" if len(given) == 1 else None
