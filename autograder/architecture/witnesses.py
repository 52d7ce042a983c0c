"""What a model does, as a second witness to its structure: symmetry, what moves, what augments.

For models from `rebuild`, in the judge room. Layers are named by the student's paths. Every
function leaves the model's arrays as it found them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.architecture.described import let_train
from autograder.architecture.rebuild import student_path

STATISTICS = ("moving_mean", "moving_variance")
HALF = {"float16": 2**-10, "bfloat16": 2**-7}  # from 1 to the next number
STEPS = 16  # of rounding that add up from layer to layer


@dataclass(frozen=True)
class Symmetry:
    """How far f(a, b) is from f(b, a)."""

    ok: bool
    deviation: float


@dataclass(frozen=True)
class Movement:
    """What one training step changes."""

    moved: tuple[str, ...]  # "<layer path>:<weight>" of what changed, moving statistics left out
    still: tuple[str, ...]  # the same of what did not change, although it trains
    statistics: tuple[str, ...]  # paths of the batch norms whose moving statistics changed

    @property
    def layers(self) -> tuple[str, ...]:
        """Paths of the layers of which something moved."""
        return tuple(dict.fromkeys(key.rpartition(":")[0] for key in self.moved))


@dataclass(frozen=True)
class Augmentation:
    """Whether random layers act in training and rest in inference."""

    active: bool  # passes in training differ, with dropout and noise switched off
    silent: bool  # two passes in inference are equal


def outputs(model: Any, inputs: Any) -> Any:
    """What the model gives in inference, as arrays in the model's structure."""
    import keras

    return keras.tree.map_structure(np.asarray, model(_fitted(model, inputs), training=False))


def tolerance(model: Any, least: float) -> float:
    """By how much numbers near 1 may be off: by `least`, or where layers compute in half precision,
    by what rounding makes of a few of them.
    """
    types = {str(layer.compute_dtype) for layer in model_layers(model)}
    return max(least, *(STEPS * HALF.get(one, 0.0) for one in types))


def random_inputs(model: Any, high: float, seed: int = 0, n: int = 8) -> list[np.ndarray]:
    """`n` times numbers between 0 and `high` for each input."""
    rng = np.random.default_rng(seed)
    return [
        rng.uniform(0, high, (n, *tensor.shape[1:])).astype("float32") for tensor in model.inputs
    ]


@contextlib.contextmanager
def shaken(model: Any, seed: int = 0) -> Iterator[None]:
    """While this lasts, the kernels that train are random:
    what holds then does so whatever the model begins with, zeros too.
    """
    rng = np.random.default_rng(seed)
    with _kept(model):
        for variable in model.trainable_variables:
            if len(variable.shape) > 1:
                fan_in = np.prod(variable.shape[:-1])
                variable.assign(rng.normal(size=variable.shape) / fan_in**0.5)
            elif variable.name == "gamma":
                variable.assign(np.ones(variable.shape))
        yield


def symmetry(model: Any, a: Any, b: Any, tolerance: float = 1e-5) -> Symmetry:
    """How far the model of two inputs is from f(a, b) = f(b, a)."""
    import keras

    forth, back = outputs(model, [a, b]), outputs(model, [b, a])
    pairs = zip(keras.tree.flatten(forth), keras.tree.flatten(back), strict=True)
    deviation = max(float(np.max(np.abs(x - y), initial=0.0)) for x, y in pairs)
    return Symmetry(deviation <= tolerance, deviation)


def movement(
    model: Any, inputs: Any, targets: Any, loss: Any, learning_rate: float = 0.1
) -> Movement:
    """Which weights one training step with plain gradient descent on `loss` moves;
    the model stays compiled for it.
    """
    import keras

    let_train(model.variables)
    named = _named(model)
    before = [np.array(variable.value) for _, variable in named]
    trains = {id(variable) for variable in model.trainable_variables}
    with _kept(model):
        # one step is over before its graph would be traced
        model.compile(optimizer=keras.optimizers.SGD(learning_rate), loss=loss, run_eagerly=True)
        model.train_on_batch(_fitted(model, inputs), targets)
        changed = [
            not np.array_equal(np.array(variable.value), old, equal_nan=True)
            for (_, variable), old in zip(named, before, strict=True)
        ]
    moved: list[str] = []
    still: list[str] = []
    statistics: list[str] = []
    for (key, variable), change in zip(named, changed, strict=True):
        if change:
            (statistics if variable.path.endswith(STATISTICS) else moved).append(key)
        elif id(variable) in trains:
            still.append(key)
    norms = dict.fromkeys(key.rpartition(":")[0] for key in statistics)
    return Movement(tuple(moved), tuple(still), tuple(norms))


def augmentation(model: Any, images: Any, *, noise: bool = False) -> Augmentation:
    """Whether random layers act with training=True and rest with training=False, on `images`;
    dropout is none of them, and layers of noise are where `noise` says so.
    """
    import keras

    given = _fitted(model, images)
    quiet = ("Dropout",) if noise else ("Dropout", "Noise")
    with _kept(model), _without(model, quiet):
        once = keras.tree.flatten(model(given, training=True))
        # Two passes agree by chance, a coin for each image; nine hardly do.
        active = any(
            not _equal(once, keras.tree.flatten(model(given, training=True))) for _ in range(8)
        )
    rest, still = (keras.tree.flatten(model(given, training=False)) for _ in range(2))
    return Augmentation(active, _equal(rest, still))


def model_layers(model: Any) -> Iterator[Any]:
    """All layers of a model that are no models themselves, each once, in order."""
    seen: set[int] = set()

    def walk(inner: Any) -> Iterator[Any]:
        for layer in inner.layers:
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            if hasattr(layer, "layers") and hasattr(layer, "inputs"):
                yield from walk(layer)
            else:
                yield layer

    yield from walk(model)


def _named(model: Any) -> list[tuple[str, Any]]:
    return [
        (f"{student_path(layer)}:{variable.name}", variable)
        for layer in model_layers(model)
        for variable in layer.weights
    ]


@contextlib.contextmanager
def _kept(model: Any) -> Iterator[None]:
    """Afterwards the model's arrays are what they were."""
    before = [(variable, np.array(variable.value)) for variable in model.weights]
    try:
        yield
    finally:
        for variable, value in before:
            variable.assign(value)


@contextlib.contextmanager
def _without(model: Any, kinds: tuple[str, ...]) -> Iterator[None]:
    """Layers whose class ends so switched off, so that only augmentation makes a difference."""
    noisy = [
        (layer, name)
        for layer in model_layers(model)
        for name in ("rate", "stddev")
        if type(layer).__name__.endswith(kinds) and _is_number(getattr(layer, name, None))
    ]
    before = [getattr(layer, name) for layer, name in noisy]
    for layer, name in noisy:
        setattr(layer, name, 0.0)
    try:
        yield
    finally:
        for (layer, name), value in zip(noisy, before, strict=True):
            setattr(layer, name, value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def _equal(first: Sequence[Any], second: Sequence[Any]) -> bool:
    return all(
        np.array_equal(np.asarray(a), np.asarray(b)) for a, b in zip(first, second, strict=True)
    )


def _fitted(model: Any, inputs: Any) -> Any:
    """Inputs given as a list, in the structure that the model takes."""
    import keras

    if isinstance(inputs, Mapping):
        return {key: np.asarray(value) for key, value in inputs.items()}
    flat = [
        np.asarray(value) for value in (inputs if isinstance(inputs, list | tuple) else [inputs])
    ]
    if len(model.inputs) == 1:
        return flat[0]
    return keras.tree.pack_sequence_as(model.input, flat)
