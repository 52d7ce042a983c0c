"""What a student's function returned, as JSON values and plain arrays.
Runs in the student's kernel.
"""

from __future__ import annotations

import io
import math
import os
import warnings
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.lib import format as npy

MAX_DEPTH = 20
MAX_ITEMS = 100_000
MAX_TEXT = 100_000  # characters
MAX_ARRAYS = 2_000
MAX_BYTES = 256 * 1024 * 1024  # of all arrays of one answer
SMALL = 10_000  # elements of an array among plain values
_TAKEN_FOR = {"History": "the History that `fit` returns, not the model"}


class Refused(Exception):
    """What was returned can't be handed over; the text says why."""


def encode(value: Any) -> Any:
    """JSON values: a dict becomes {"dict": [[key, value], …]},
    a tuple {"tuple": […]}, NaN {"float": "nan"}.

    Raises:
        Refused: there is something in it that is no plain value, or too much of it.
    """
    return _encode(value, 0, [0])


def arrays_in(value: Any) -> dict[str, np.ndarray] | None:
    """The arrays that a value consists of, under "array", "0", "1", … or a dict's keys;
    None if of anything else.
    """
    if (array := as_array(value)) is not None:
        return {"array": array}
    items = {key: as_array(item) for key, item in _items(value)}
    found = {key: array for key, array in items.items() if array is not None}
    return found if items and len(found) == len(items) else None


def _items(value: Any) -> Iterable[tuple[str, Any]]:
    """What a list, a tuple or a dict of names holds, by number or name."""
    if isinstance(value, list | tuple):
        return ((str(i), item) for i, item in enumerate(value))
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return value.items()
    return ()


def as_array(value: Any) -> np.ndarray | None:
    """The array that a tensor, variable or array is;
    None for anything else, NumPy's scalars among it.
    """
    if isinstance(value, np.ndarray):
        return np.array(value, subok=False)
    if isinstance(
        value,
        bool | int | float | complex | str | bytes | np.generic | list | tuple | dict | type(None),
    ):
        return None
    import keras

    if isinstance(value, keras.KerasTensor) or not (
        keras.ops.is_tensor(value) or isinstance(value, keras.Variable)
    ):
        return None
    return numbers(value)


def numbers(value: Any) -> np.ndarray:
    """The array in a tensor or variable of the backend."""
    import keras

    with warnings.catch_warnings():
        # Keras' variables don't know NumPy 2's `copy` yet
        warnings.simplefilter("ignore", DeprecationWarning)
        array = np.array(keras.ops.convert_to_numpy(value))
    return array.astype("float32") if array.dtype.kind == "V" else array  # bfloat16


def write_arrays(path: str, arrays: Mapping[str, np.ndarray]) -> None:
    """An npz without pickle, not compressed.

    Raises:
        Refused: an array of objects, or more than may be handed over.
    """
    if len(arrays) > MAX_ARRAYS or sum(array.nbytes for array in arrays.values()) > MAX_BYTES:
        raise Refused(
            f"{len(arrays):,} arrays or more than {MAX_BYTES // 1024 // 1024} MiB of them"
        )
    if odd := [array.dtype for array in arrays.values() if array.dtype.kind not in "biufc"]:
        raise Refused(f"an array of {odd[0]}, not of numbers")
    part = f"{path}.part"
    with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as stream:
                buffer = io.BytesIO()
                npy.write_array(
                    buffer, np.ascontiguousarray(array) if array.ndim else array, allow_pickle=False
                )
                stream.write(buffer.getbuffer())
    os.replace(part, path)  # noqa: PTH105 — no pathlib: student code may have changed it


def _encode(value: Any, depth: int, count: list[int]) -> Any:
    _count_one(depth, count)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool | int | float | str | None):
        return _plain(value)
    if isinstance(value, tuple):
        return {"tuple": [_encode(item, depth + 1, count) for item in value]}
    if isinstance(value, list):
        return [_encode(item, depth + 1, count) for item in value]
    if isinstance(value, dict):
        return {
            "dict": [[_key(key), _encode(item, depth + 1, count)] for key, item in value.items()]
        }
    return _small_array(value, depth, count)


def _count_one(depth: int, count: list[int]) -> None:
    count[0] += 1
    if depth > MAX_DEPTH or count[0] > MAX_ITEMS:
        raise Refused(
            f"values nested deeper than {MAX_DEPTH} levels, or more than {MAX_ITEMS:,} of them"
        )


def _plain(value: float | str | None) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _whole(int(value))
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"float": repr(float(value))}
    if len(value) > MAX_TEXT:
        raise Refused(f"a text of more than {MAX_TEXT:,} characters")
    return str(value).encode("utf-8", "replace").decode()


def _small_array(value: Any, depth: int, count: list[int]) -> Any:
    array = as_array(value)
    if array is None or array.size > SMALL or array.dtype.kind not in "biuf":
        name = type(value).__name__
        raise Refused(_TAKEN_FOR.get(name, f"an object of type {name}"))
    count[0] += array.size
    if array.ndim == 0:
        return _encode(array.item(), depth + 1, count)
    flat = [_encode(item, depth + 1, [0]) for item in array.ravel().tolist()]
    return {"array": flat, "shape": list(array.shape), "dtype": array.dtype.str}


def _whole(value: int) -> int:
    if abs(value) >= 1 << 4096:
        raise Refused("a whole number of more than 1,200 digits")
    return value


def _key(key: Any) -> Any:
    if isinstance(key, np.generic):
        key = key.item()
    if isinstance(key, bool | int | str | None):
        return key if not isinstance(key, str) else key[:1000].encode("utf-8", "replace").decode()
    raise Refused(f"a dictionary key of type {type(key).__name__}")
