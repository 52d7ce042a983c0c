"""Initial values of hidden networks: the same numbers whatever Keras computes with.

A hidden network is made in the student's room and once more by the judge, and both draw its weights
from one seed. Keras has each backend draw by itself, and JAX compiles that for each shape anew,
which takes half a second of a network's every layer. NumPy draws alike everywhere, at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras.src.initializers import random_initializers


@contextlib.contextmanager
def drawn_by_numpy() -> Iterator[None]:
    """While this lasts, NumPy draws for Keras' initialisers that have a number as seed."""
    original = random_initializers.random
    random_initializers.random = _Draws(original)
    try:
        yield
    finally:
        random_initializers.random = original


class _Draws:
    """What initialisers use of Keras' random numbers."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def uniform(
        self, shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None,
        seed: Any = None,
    ) -> Any:  # fmt: skip
        if not isinstance(seed, int):
            return self._original.uniform(shape, minval, maxval, dtype, seed)
        return _tensor(np.random.default_rng(seed).uniform(minval, maxval, shape), dtype)

    def normal(
        self, shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None,
        seed: Any = None,
    ) -> Any:  # fmt: skip
        if not isinstance(seed, int):
            return self._original.normal(shape, mean, stddev, dtype, seed)
        return _tensor(np.random.default_rng(seed).normal(mean, stddev, shape), dtype)

    def truncated_normal(
        self, shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None,
        seed: Any = None,
    ) -> Any:  # fmt: skip
        if not isinstance(seed, int):
            return self._original.truncated_normal(shape, mean, stddev, dtype, seed)
        rng = np.random.default_rng(seed)
        drawn = rng.standard_normal(shape)
        while (outside := np.abs(drawn) > 2).any():
            drawn = np.where(outside, rng.standard_normal(shape), drawn)
        return _tensor(mean + stddev * drawn, dtype)


def _tensor(drawn: Any, dtype: Any) -> Any:
    return keras.ops.convert_to_tensor(np.asarray(drawn), dtype or keras.config.floatx())
