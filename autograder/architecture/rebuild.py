"""A Keras model built anew from its configuration and arrays,
out of Keras' own pure layers and operations only.

Nothing is looked up by a name that the configuration chooses: classes come from the tables below,
every value in a configuration is a plain one or refused, and no array is allocated before all
shapes agree with the arrays given.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.architecture.building import Building, Key, count_calls, safe_name, where_text
from autograder.architecture.described import described, give_arrays
from autograder.architecture.node import Config, Shape
from autograder.architecture.text import shown
from autograder.errors import ArchitectureError, RebuildRefused

MAX_CALLS = 20_000  # a nested model that is called twice on each of n levels would make 2^n
MAX_PARAMETERS = 300_000_000  # where no arrays say how many there are


def rebuild(config: Config, weights: Mapping[str, Any] | None = None) -> Any:
    """The keras.Model that `config` describes (what `model.to_json()` holds),
    with `weights` ("<layer path>:<i>").

    It computes at once, and can be trained once it is compiled. Regularisers and constraints are
    left out, trainable flags kept. Names stay where TensorFlow's graph mode takes them, others are
    replaced; `student_path(layer)` is the path in the student's model either way. Without weights
    the model gets Keras' default initial ones.

    Raises RebuildRefused for a layer that is not on the list, ArchitectureError for arrays that do
    not fit.
    """
    building, model, variables = _built(config, weights, given=weights is not None)
    give_arrays(model, variables)
    _set_trainable(building.flags)
    return model


def shapes_of(config: Config) -> dict[Key, list[Shape]]:
    """What comes out of each call of the model, by the student's path and the call's number, as
    Keras works it out from the inputs on; nothing that is written down of it is used.

    Raises as `rebuild` does.
    """
    return _built(config, None, given=True)[0].shapes


def student_path(layer: Any) -> str:
    """Where a rebuilt layer stands in the student's model, in the student's names."""
    return str(getattr(layer, "student_path", layer.name))


def _built(
    config: Config, weights: Mapping[str, Any] | None, *, given: bool
) -> tuple[Building, Any, list[Any]]:
    """The model without arrays, how it was built, and the variables that wait for theirs."""
    building = Building(given=given)
    calls = count_calls(config)
    if calls > MAX_CALLS:
        raise RebuildRefused(
            f"The model makes {calls:,} calls of layers, at most {MAX_CALLS:,} are rebuilt."
        )
    try:
        with described() as variables:
            model = building.model(config, "", safe_name(config.get("config", {}).get("name")))
            if weights is not None or not given:
                _prepare(building.layers, weights)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ArchitectureError(
            f"This configuration is not one that Keras writes: {shown(error)}"
        ) from error
    return building, model, variables


def _prepare(layers: Mapping[str, Any], weights: Mapping[str, Any] | None) -> None:
    """Give each variable its array as initial value, once all shapes agree."""
    if weights is None:
        total = sum(
            math.prod(variable.shape) for layer in layers.values() for variable in layer.weights
        )
        if total > MAX_PARAMETERS:
            raise RebuildRefused(
                f"The model has {total:,} parameters, at most {MAX_PARAMETERS:,} are rebuilt."
            )
        return
    for path, layer in layers.items():
        variables = layer.weights
        if f"{path}:{len(variables)}" in weights:
            raise ArchitectureError(
                f"{where_text(path)} has {len(variables)} arrays, but more are stored for it."
            )
        for number, variable in enumerate(variables):
            if f"{path}:{number}" not in weights:
                raise ArchitectureError(
                    f"{where_text(path)} needs {tuple(variable.shape)} "
                    f"for its {variable.name}, but none is stored."
                )
            variable._initializer = _Given(np.asarray(weights[f"{path}:{number}"]), variable, path)  # noqa: SLF001


class _Given:
    """An initialiser that hands out an array, once its shape and kind agree with the variable's."""

    def __init__(self, array: np.ndarray, variable: Any, path: str) -> None:
        if array.shape != tuple(variable.shape) or not np.can_cast(
            array.dtype, str(variable.dtype), "same_kind"
        ):
            raise ArchitectureError(
                f"{where_text(path)} needs {tuple(variable.shape)} {variable.dtype} "
                f"for its {variable.name}, but {array.shape} {array.dtype} is stored."
            )
        self.array = array

    def __call__(self, _shape: Any, dtype: Any = None) -> Any:
        import keras

        return keras.ops.convert_to_tensor(self.array, dtype=dtype)


def _set_trainable(flags: Sequence[tuple[Any, bool]]) -> None:
    """A model's flag goes down to its layers, so the outermost comes first
    and each layer's own has the last word.
    """
    for layer, flag in flags:
        layer.trainable = flag
