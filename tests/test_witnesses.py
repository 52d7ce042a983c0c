"""Behaviour of rebuilt models: what a structure that looks right must also do."""

import json
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from autograder.architecture import read, witnesses
from autograder.architecture.rebuild import rebuild

pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)


def rebuilt(model: Any) -> Any:
    keras.utils.set_random_seed(3)
    return rebuild(json.loads(model.to_json()))


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 1, (4, *shape)).astype("float32")


def block(shortcut: str = "input") -> Any:
    x = keras.Input((8, 8, 4))
    first = layers.Conv2D(4, 3, padding="same", name="größe 1")(x)
    y = layers.ReLU()(layers.BatchNormalization(name="bn 1")(first))
    y = layers.BatchNormalization(name="bn 2")(
        layers.Conv2D(4, 3, padding="same", name="größe 2")(y)
    )
    return keras.Model(x, layers.ReLU()(y + (x if shortcut == "input" else first)))


def test_gradients_reach_all_weights_or_the_missed_ones_are_named() -> None:
    """A weight behind stop_gradient, or of a layer that no output needs,
    is named by the student's path.
    """
    assert witnesses.gradients(rebuilt(block()), images(8, 8, 4)).ok
    x = keras.Input((6,))
    y = keras.ops.stop_gradient(layers.Dense(5, name="früh")(x))
    model = rebuilt(keras.Model(x, layers.Dense(2, name="late")(y)))
    found = witnesses.gradients(model, images(6))
    assert not found.ok
    assert found.unreached == ("früh:kernel", "früh:bias")


def test_gradients_leave_the_model_as_it_was() -> None:
    """Moving statistics included, which a pass in training mode would change."""
    model = rebuilt(block())
    before = [np.array(weight) for weight in model.weights]
    witnesses.gradients(model, images(8, 8, 4))
    assert all(np.array_equal(old, new) for old, new in zip(before, model.weights, strict=True))


@pytest.mark.parametrize(("shortcut", "ok"), [("input", True), ("first convolution", False)])
def test_an_identity_block_with_its_body_at_zero_is_relu_of_its_input(
    shortcut: str, ok: bool
) -> None:
    """The shortcut alone is left; one that leaves too late shows up as a deviation."""
    original = block(shortcut)
    body = [node.path for node in read(original).residual_blocks[0].body]
    found = witnesses.zeroed_body(rebuilt(original), body, images(8, 8, 4) - 0.5)
    assert found.ok is ok
    assert found.zeroed[:2] == ("größe 2", "bn 2")
    assert (found.deviation > 0.01) is not ok


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
    assert found.loss > 0
    assert all(np.array_equal(old, new) for old, new in zip(before, model.weights, strict=True))


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
    """Random layers act in training only; dropout alone is no augmentation;
    one that does nothing is named.
    """
    flips = augmenting(layers.RandomFlip(), layers.RandomRotation(0.0, name="no turn"))
    assert witnesses.augmentation(flips, images(8, 8, 3)) == witnesses.Augmentation(
        True, True, ("no turn",)
    )
    assert witnesses.augmentation(augmenting(), images(8, 8, 3)) == witnesses.Augmentation(
        False, True, ()
    )
    assert flips.layers[-1].rate == 0.5


def test_outputs_are_those_of_inference() -> None:
    """Neither augmentation nor dropout acts; several inputs are given as a list."""
    model = augmenting(layers.RandomFlip())
    given = images(8, 8, 3)
    np.testing.assert_array_equal(witnesses.outputs(model, given), given.reshape(4, -1))
