"""What is known of the pinned Keras and may be otherwise in the next: a failure here says what has
to be looked at, nothing is broken yet.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from autograder.architecture.allowed import CORE, CORE_OPERATIONS, LAYERS, OPERATION_MODULES

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
    assert operations_of(module) - CORE_OPERATIONS == TAKE_FUNCTIONS


def test_each_module_of_operations_is_known() -> None:
    """The public functions make operations of these modules, and of no other."""
    modules = {
        path.stem
        for path in Path(inspect.getfile(keras.src.ops)).parent.glob("[!_]*.py")
        if not path.stem.endswith("_test")
        and operations_of(importlib.import_module(f"keras.src.ops.{path.stem}"))
    }
    assert {f"keras.src.ops.{name}" for name in modules - {"function"}} <= OPERATION_MODULES


def operations_of(module: Any) -> set[str]:
    """The names of the operations that a module defines."""
    return {
        name
        for name, one in inspect.getmembers(module, inspect.isclass)
        if issubclass(one, keras.Operation)
        and one.__module__ == module.__name__
        and one is not keras.Operation
    }


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
