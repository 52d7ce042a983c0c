"""Behaviour of rebuilt models: what a structure that looks right must also do."""

import json
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autograder.architecture import witnesses
from autograder.architecture.rebuild import rebuild

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)


def rebuilt(model: Any) -> Any:
    keras.utils.set_random_seed(3)
    return rebuild(json.loads(model.to_json()))


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 1, (4, *shape)).astype("float32")


@pytest.mark.parametrize(("absolute", "ok"), [(True, True), (False, False)])
def test_symmetry(absolute: bool, ok: bool) -> None:
    """An absolute difference is the same both ways, a plain one is not;
    inputs by name are fed in their order.
    """
    encoder = keras.Sequential([keras.Input((6,)), layers.Dense(4)])
    left, right = keras.Input((6,), name="left"), keras.Input((6,), name="right")
    apart = encoder(left) - encoder(right)
    apart = keras.ops.abs(apart) if absolute else apart
    model = rebuilt(
        keras.Model({"left": left, "right": right}, layers.Dense(1, activation="sigmoid")(apart))
    )
    found = witnesses.symmetry(model, images(6), images(6)[::-1])
    assert found.ok is ok


def transfer(batch_norm_trains: bool) -> Any:
    x = keras.Input((8, 8, 3))
    y = layers.BatchNormalization(name="bn")(layers.Conv2D(4, 3, name="c1")(x))
    base = keras.Model(x, layers.Conv2D(4, 3, name="c2")(y), name="base")
    base.get_layer("c1").trainable = False
    base.get_layer("bn").trainable = batch_norm_trains
    x = keras.Input((8, 8, 3))
    y = layers.GlobalAveragePooling2D()(base(x))
    return keras.Model(x, layers.Dense(3, activation="softmax", name="head")(y))


def test_what_one_step_moves() -> None:
    """Frozen layers stay, with their statistics;
    whatever else trains moves; afterwards nothing has changed.
    """
    model = rebuilt(transfer(batch_norm_trains=False))
    before = [np.array(weight) for weight in model.weights]
    found = witnesses.movement(
        model, images(8, 8, 3), np.array([0, 1, 2, 0]), "sparse_categorical_crossentropy"
    )
    assert found.layers == ("base/c2", "head")
    assert found.moved == ("base/c2:kernel", "base/c2:bias", "head:kernel", "head:bias")
    assert not found.still
    assert not found.statistics
    assert all(np.array_equal(old, new) for old, new in zip(before, model.weights, strict=True))


def test_a_part_of_a_rebuilt_model_moves_as_the_whole_does() -> None:
    """A model that a grader makes of a rebuilt one's tensors can be trained too, before the whole
    was compiled and after.
    """
    whole = rebuilt(transfer(batch_norm_trains=False))
    part = keras.Model(whole.inputs[0], whole.layers[-2].output)
    targets = np.zeros((4, *part.output_shape[1:]))
    for _ in range(2):
        found = witnesses.movement(part, images(8, 8, 3), targets, "mse")
        assert found.layers == ("base/c2",)
        labels = np.array([0, 1, 2, 0])
        witnesses.movement(whole, images(8, 8, 3), labels, "sparse_categorical_crossentropy")


def test_statistics_of_batch_norm_that_move_are_named() -> None:
    """A batch norm that was not frozen moves its averages, kernels frozen or not."""
    model = rebuilt(transfer(batch_norm_trains=True))
    found = witnesses.movement(
        model, images(8, 8, 3), np.array([0, 1, 2, 0]), "sparse_categorical_crossentropy"
    )
    assert found.statistics == ("base/bn",)


def augmenting(*first: Any) -> Any:
    return rebuilt(
        keras.Sequential([keras.Input((8, 8, 3)), *first, layers.Flatten(), layers.Dropout(0.5)])
    )


def test_augmentation_acts_in_training_and_rests_in_inference() -> None:
    """Random layers act in training only; dropout alone is no augmentation."""
    flips = augmenting(layers.RandomFlip())
    found = witnesses.augmentation(flips, images(8, 8, 3))
    assert found == witnesses.Augmentation(active=True, silent=True)
    found = witnesses.augmentation(augmenting(), images(8, 8, 3))
    assert found == witnesses.Augmentation(active=False, silent=True)
    assert flips.layers[-1].rate == 0.5


def test_outputs_are_those_of_inference() -> None:
    """Neither augmentation nor dropout acts; several inputs are given as a list."""
    model = augmenting(layers.RandomFlip())
    given = images(8, 8, 3)
    np.testing.assert_array_equal(witnesses.outputs(model, given), given.reshape(4, -1))


def test_while_shaken_no_kernel_is_zero() -> None:
    """What begins at zero is random for a while, and zero again."""
    model = rebuilt(keras.Sequential([keras.Input((6,)), layers.Dense(4)]))
    model.set_weights([np.zeros((6, 4)), np.zeros(4)])
    [given] = witnesses.random_inputs(model, 1.0, n=3)
    with witnesses.shaken(model):
        assert np.ptp(witnesses.outputs(model, given)) > 0
    np.testing.assert_array_equal(witnesses.outputs(model, given), np.zeros((3, 4)))


@pytest.mark.parametrize(
    ("dtype", "allowed"), [("float32", 1e-4), ("mixed_float16", 2**-6), ("mixed_bfloat16", 2**-3)]
)
def test_half_precision_is_given_room(dtype: str, allowed: float) -> None:
    """A model may be off by what rounding makes of numbers near 1 in the type that it computes
    with.
    """
    model = rebuilt(keras.Sequential([keras.Input((6,)), layers.Dense(4, dtype=dtype)]))
    assert witnesses.tolerance(model, 1e-4) == allowed
