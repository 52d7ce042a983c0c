"""The Sequential network that the notebook gives: its operations in words, and built."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.facts import heads
from autograder.judge import Case

TRIED = range(16, 129)  # pixels of a side, where the student's own shape is not the one asked for
RATE = 0.3  # of its dropout
MOMENTUM = 0.99  # of its batch norm
OPERATIONS = (
    "input", "rescale", "conv3x3/1:16", "relu", "maxpool2x2/2", "conv3x3/2:32", "bn", "relu",
    "conv3x3/1:48", "relu", "maxpool2x2/2", "(flatten|reshape)", "dropout",
)  # fmt: skip
"""In words of branch expressions, but for the last layer; a reshaping to a vector flattens."""
SETTINGS = {
    "Rescaling": ("scale", "offset"),
    "Conv2D": ("strides", "padding", "dilation_rate"),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "BatchNormalization": ("epsilon",),
    "ReLU": ("negative_slope", "max_value", "threshold"),
}
"""By class, what has no parameters and shows in the numbers."""
ANYTHING = ".|input|rescale|bn|relu|dropout"  # no group is passed over


def asked(case: Case) -> tuple[tuple[int, ...], int]:
    """The shape of the images and the number of classes that the call gives, or leaves out."""
    shape, classes = case.args or ((64, 64, 3), 6)
    return shape, classes


def taken(case: Case) -> tuple[tuple[int, ...], int]:
    """The shape of the images that the answer takes and its number of classes: those asked for, or
    the student's own, by which the rest is judged.
    """
    (shape, classes), (head, *_) = asked(case), heads(case.architecture)
    given = (case.architecture.node(case.architecture.inputs[0]).shape or ())[1:]
    own, units = tuple(size or 0 for size in given), head.units or 0
    fits = len(own) == 3 and all(size in TRIED for size in own[:2]) and own[2] in range(1, 9)
    return own if fits else shape, units if units in range(1, 100) else classes


def numbers_read(case: Case) -> int | None:
    """How many numbers the last layer reads, if that is a dense one that reads a vector."""
    form, (head, *_) = canonical(case.architecture), heads(case.architecture)
    if head.layer is None or head.layer.kind != "dense":
        return None
    shape = form.parents(head.layer)[0].shape or ()
    return shape[1] if len(shape) == 2 else None


def expression(classes: int) -> str:
    """The network as a claim."""
    way = f"{' '.join(OPERATIONS)} dense:{classes} softmax"
    return f'path("{way}") and head(units={classes}, rank=2)'


def twin(shape: tuple[int, ...], classes: int) -> Any:
    """The network itself."""
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input(shape),
        layers.Rescaling(1 / 255),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Conv2D(48, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(RATE),
        layers.Dense(classes, activation="softmax"),
    ])  # fmt: skip


def parameters(shape: tuple[int, ...], classes: int, read: int | None = None) -> int:
    """How many it has, or would have if its last layer read so many numbers."""
    import keras

    with keras.StatelessScope(initialize_variables=False):  # shapes will do
        network = twin(shape, classes)
        own = int(network.layers[-1].input.shape[1])
        return int(network.count_params()) + ((read or own) - own) * classes


def other_settings(
    architecture: Architecture, shape: tuple[int, ...], classes: int
) -> list[tuple[Node, list[str]]]:
    """The layers with other settings than the network's, and which; of classes of which there are
    as many as in the network.
    """
    import keras

    with keras.StatelessScope(initialize_variables=False):
        given = [(type(one).__name__, one.get_config()) for one in twin(shape, classes).layers]
    found = []
    for cls, names in SETTINGS.items():
        ours = [config for name, config in given if name == cls]
        theirs = [node for node in architecture.nodes if node.cls == cls]
        if len(ours) == len(theirs):
            found += [
                (node, [name for name in names if _differ(node.config.get(name), config[name])])
                for node, config in zip(theirs, ours, strict=True)
            ]
    return [(node, [f"another {name}" for name in names]) for node, names in found if names]


def _differ(one: Any, other: Any) -> bool:
    return bool(np.any(np.asarray(one) != np.asarray(other)))


def takes_its_weights(model: Any, shape: tuple[int, ...], classes: int) -> bool:
    """Whether the model has just such arrays as the network."""
    import keras

    with keras.StatelessScope(initialize_variables=False):
        wanted = [weight.shape for weight in twin(shape, classes).weights]
    return [weight.shape for weight in model.weights] == wanted


def deviation(model: Any, shape: tuple[int, ...], classes: int) -> float:
    """By how much a model's answers differ from the network's, given the same weights."""
    ours, rng = twin(shape, classes), np.random.default_rng(1)
    arrays = _drawn(ours.weights, rng)
    images = rng.integers(0, 256, (4, *shape)).astype("float32")
    answers = []
    for one in (ours, model):
        one.set_weights(arrays)
        answers.append(np.asarray(one(images, training=False)))
    return float(np.abs(answers[0] - answers[1]).max())


def _drawn(weights: Any, rng: np.random.Generator) -> list[np.ndarray]:
    """An array for each weight: of both signs, unless it is a variance; no sum grows large."""
    drawn = []
    for weight in weights:
        array = rng.uniform(0.1, 1, weight.shape) * rng.choice([-0.5, 1], weight.shape)
        array = np.abs(array) if weight.name == "moving_variance" else array
        fan_in = max(1, array[..., 0].size) if array.ndim > 1 else 1
        drawn.append(array / fan_in**0.5)
    return drawn
