"""What is known of the pinned Keras and may be otherwise in the next: a failure here says what has
to be looked at, nothing is broken yet.
"""

from __future__ import annotations

import inspect
import warnings

import keras
import numpy as np
from keras import layers

from autograder.architecture.allowed import CORE, CORE_OPERATIONS, LAYERS

FOREIGN = {"FlaxLayer", "JaxLayer", "Lambda", "TFSMLayer", "TorchModuleWrapper"}
NOT_REBUILT = {  # they read files, strings, or boxes in a dict; or need what a course has not
    "Discretization", "HashedCrossing", "Hashing", "IntegerLookup", "MaxNumBoundingBoxes",
    "StringLookup", "TextVectorization", "STFTSpectrogram",
}  # fmt: skip
ABSTRACT = {"InputSpec", "Layer", "Wrapper"}
TAKE_FUNCTIONS = {
    "AssociativeScan", "Cond", "ForiLoop", "Map", "Scan", "Switch", "VectorizedMap", "WhileLoop",
}  # fmt: skip


def test_each_layer_of_keras_is_allowed_or_refused_for_a_reason() -> None:
    """A new one belongs on the list of what may be rebuilt, and among the kinds, or below."""
    every = {one.__name__ for _, one in inspect.getmembers(layers, inspect.isclass)}
    assert every - LAYERS == FOREIGN | NOT_REBUILT | ABSTRACT
    assert every >= LAYERS


def test_each_operation_of_the_core_is_allowed_or_takes_functions() -> None:
    """Only what computes may be rebuilt."""
    module = inspect.getmodule(keras.ops.cast)
    assert module is not None
    assert module.__name__ == CORE
    operations = {
        name
        for name, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, keras.Operation) and one is not keras.Operation
    }
    assert operations - CORE_OPERATIONS == TAKE_FUNCTIONS


def test_keras_does_not_say_that_a_model_was_not_recompiled() -> None:
    """Its warning stands behind a `raise`, so nothing is said where a flag was changed after
    `compile`. Once that is mended, the notebooks on freezing print more, and so do students' runs:
    read what hints and notebooks say of a forgotten `compile` again.
    """
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2), layers.Dense(1)])
    model.compile(optimizer="sgd", loss="mse")
    model.layers[0].trainable = False
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        model.fit(np.zeros((4, 2)), np.zeros(4), verbose=0)
    assert [str(one.message) for one in told if "trainable" in str(one.message)] == []
