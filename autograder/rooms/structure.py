"""Building a model for what it is made of, without the arrays that nobody asks for.

Under Keras' StatelessScope a layer describes its variables and does not make them: of a small
ResNet's building time they are two thirds. What outlives the question, such as a layer that the
notebook keeps, gets its arrays before anything is computed again.
"""

from __future__ import annotations

import contextlib
import gc
import weakref
from collections.abc import Iterator
from typing import Any

import keras
from keras.src.backend.common import global_state
from keras.src.backend.common.variables import Variable

_REGISTER = "uninitialized_variables"  # where Keras notes the variables that are to be made


class Structures:
    """Builds models without arrays, and knows which variables are without."""

    def __init__(self) -> None:
        self._bare: list[weakref.ref[Any]] = []

    @contextlib.contextmanager
    def building(self) -> Iterator[None]:
        """While this lasts, variables get no arrays."""
        register = global_state.get_global_attribute(_REGISTER, [], set_to_default=True)
        before = len(register)
        try:
            with _constants_described(), keras.StatelessScope(initialize_variables=False):
                yield
        finally:
            self._bare += map(weakref.ref, register[before:])
            del register[before:]

    def settle(self) -> None:
        """Give the variables their arrays that are still there."""
        if self._bare:
            gc.collect()  # models are cycles
            for bare in self._bare:
                variable = bare()
                if variable is not None and variable._value is None:  # noqa: SLF001
                    variable._deferred_initialize()  # noqa: SLF001
            self._bare.clear()


@contextlib.contextmanager
def _constants_described() -> Iterator[None]:
    """While this lasts, variables that begin with a given value are described too, where Keras
    refuses: an optimizer's learning rate, which a function that builds and compiles needs.
    """
    original = Variable.__init__

    def describe(variable: Any, initializer: Any, shape: Any = None, *args: Any, **kw: Any) -> None:
        if not callable(initializer) and not isinstance(initializer, str):
            value = keras.ops.convert_to_tensor(initializer, kw.get("dtype"))
            kw["dtype"] = kw.get("dtype") or keras.backend.standardize_dtype(value.dtype)
            shape, initializer = value.shape, _Constant(value)
        original(variable, initializer, shape, *args, **kw)

    Variable.__init__ = describe
    try:
        yield
    finally:
        Variable.__init__ = original


class _Constant:
    """An initialiser that gives one value."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def __call__(self, _: Any, dtype: Any = None) -> Any:
        return keras.ops.cast(self._value, dtype) if dtype else self._value
