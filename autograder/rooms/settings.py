"""Settings that hold for whoever runs after them: what one task's section leaves behind is taken
back before the next one runs, so that it costs its own task only.

What the common start sets is meant for all tasks, and stays; so does what later cells of a notebook
that works at home may build on: the folder, a raised limit, functions that TensorFlow runs eagerly.
Loaded as source text into the room's kernel; what is called here is held on to from the start.
"""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras.src.backend.common import global_state

_POLICY = "dtype_policy"  # `keras.config.dtype_policy()` would set it, and so outlive `set_floatx`
_attribute, _set_attribute = global_state.get_global_attribute, global_state.set_global_attribute
_recursion, _set_recursion = sys.getrecursionlimit, sys.setrecursionlimit
_seterr = np.seterr
_resetwarnings = warnings.resetwarnings


def _filter(kept: list[Any]) -> None:
    if warnings.filters != kept:
        _resetwarnings()  # which tells the cache of warnings too
        warnings.filters[:] = kept  # type: ignore[index]  # it is a list


def _of_tensorflow() -> tuple[tuple[Callable[[], Any], Callable[[Any], object]], ...]:
    if keras.backend.backend() != "tensorflow":
        return ()
    import tensorflow as tf
    from tensorflow.python.eager import context

    def execute(eagerly: bool) -> None:
        """TensorFlow's own way back is closed once there was a graph."""
        mode = context.EAGER_MODE if eagerly else context.GRAPH_MODE
        context.default_execution_mode = mode
        context.context()._thread_local_data.is_eager = eagerly  # noqa: SLF001

    return ((tf.executing_eagerly, execute),)


# what tells a setting, and what sets it
_SETTINGS: tuple[tuple[Callable[[], Any], Callable[[Any], object]], ...] = (
    (_recursion, lambda kept: _set_recursion(max(kept, _recursion()))),
    (lambda: list(warnings.filters), _filter),
    (np.geterr, lambda kept: _seterr(**kept)),
    (keras.config.floatx, keras.config.set_floatx),
    (keras.config.epsilon, keras.config.set_epsilon),
    (keras.config.image_data_format, keras.config.set_image_data_format),
    (lambda: _attribute(_POLICY), lambda kept: _set_attribute(_POLICY, kept)),
    *_of_tensorflow(),
)


class Settings:
    """The settings as the common start leaves them."""

    def __init__(self) -> None:
        self._kept: list[tuple[Callable[[Any], object], Any]] = []

    def keep(self) -> None:
        """From now on they are to be as they are."""
        self._kept.clear()
        for tell, put in _SETTINGS:
            with contextlib.suppress(Exception):  # all of it is in the student's reach
                self._kept.append((put, tell()))

    def put_back(self) -> None:
        """Let them be so again."""
        for put, kept in self._kept:
            with contextlib.suppress(Exception):
                put(kept)
