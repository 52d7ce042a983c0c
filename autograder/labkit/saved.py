"""One line on a model of Keras 2 that Keras 3 could not load: it says other things than what is
wrong.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_HDF5 = b"\x89HDF\r\n\x1a\n"
_VERSION = re.compile(r'"keras_version": *"([12][.\d]*)')


def explain_old_model(exc: BaseException) -> str | None:
    """The line for an error that Keras raised while it loaded a model; None if that is not one of
    Keras 2.
    """
    for given in _given(exc):
        if told := _VERSION.search(str(given.get("json_string", ""))):
            return f"This model was described by Keras {told[1]}; Keras 3 writes it in other words."
        if _is_hdf5(path := Path(str(given.get("filepath", "")))):
            return _of_file(path, str(exc))
    return None


def _of_file(path: Path, said: str) -> str | None:
    if path.suffix == ".keras":
        return (
            f"«{path.name}» is an HDF5 file, as Keras 2 saved models, whatever its ending: rename"
            " it to .h5, load it, and save it anew as .keras."
        )
    if "deserialize" in said or "locate" in said:
        return (
            f"«{path.name}» is in the format of Keras 2, in which losses and metrics are not found"
            " again by their short names: save the model as .keras, or load it with compile=False."
        )
    return None


def _given(exc: BaseException) -> Iterator[dict[str, Any]]:
    """What the functions of Keras were called with on the way to the error."""
    for frame, _ in traceback.walk_tb(exc.__traceback__):
        if str(frame.f_globals.get("__name__")).startswith("keras."):
            yield frame.f_locals


def _is_hdf5(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(len(_HDF5)) == _HDF5
    except (OSError, ValueError):
        return False
