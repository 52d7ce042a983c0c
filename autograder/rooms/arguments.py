"""What questions are about, made of their data in the student's kernel: the notebook's own things,
tensors and arrays, hidden networks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from autograder.rooms.initial import drawn_by_numpy

_seeded = keras.utils.set_random_seed


class NotDefined(AttributeError, KeyError):
    """The notebook has no variable of this name."""

    def __init__(self, name: str, detail: str = "") -> None:
        super().__init__(name)
        self.name = name
        self.detail = detail or f"«{name}» is not defined"

    def __str__(self) -> str:
        return self.detail


def made(value: Any, names: dict[str, Any], symbols: list[Any]) -> Any:
    """The argument that a question's data stand for."""
    if isinstance(value, list):
        return [made(item, names, symbols) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("ask")
    fields = {key: made(item, names, symbols) for key, item in value.items() if key != "ask"}
    return fields if kind is None else _asked(kind, fields, names, symbols)


def _asked(kind: str, fields: Any, names: dict[str, Any], symbols: list[Any]) -> Any:
    """What JSON has no word for: a tuple, tensors and arrays, the student's own things, a model."""
    if kind == "tuple":
        return tuple(fields["items"])
    if kind == "Symbolic":
        symbols.append(keras.Input(fields["shape"], name=fields["name"], dtype=fields["dtype"]))
        return symbols[-1]
    if kind == "Random":
        return _drawn(**fields)
    if kind == "Notebook":
        return lookup(names, fields["name"])
    _seeded(fields["seed"])
    with drawn_by_numpy():
        model = keras.models.model_from_json(fields["config"])
    # to trace `predict` takes TensorFlow longer than the few images
    model.run_eagerly = keras.backend.backend() == "tensorflow"
    return model


def _drawn(
    shape: tuple[int, ...], seed: int, kind: str, low: float, high: float, dtype: str
) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if kind == "integers":
        return rng.integers(int(low), int(high), shape).astype(dtype)
    return (
        rng.uniform(low, high, shape) if kind == "uniform" else rng.standard_normal(shape)
    ).astype(dtype)


def lookup(names: dict[str, Any], name: str) -> Any:
    """The notebook's variable of this name. Raises NotDefined if there is none."""
    if name not in names:
        raise NotDefined(name)
    return names[name]


def function_of(names: dict[str, Any], name: str) -> Callable[..., Any]:
    """The notebook's function of this name. Raises NotDefined if there is none."""
    function = lookup(names, name)
    if not callable(function):
        raise NotDefined(name, f"«{name}» is not a function but of type {type(function).__name__}")
    return function  # type: ignore[no-any-return]
