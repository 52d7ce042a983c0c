"""Hidden data: scenes from the secret seed, drawn in the judge room or read from a store that only the judge sees."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from autograder.labkit.scenes import Scenes, draw


def hidden_scenes(collection: str, n: int, secret: int | str, store: Path | None = None) -> Scenes:
    """`n` scenes of a collection that no student has seen; the same ones for every student.

    They are kept in `store`, a folder closed to everybody else, where there is one that may be written.
    """
    if store is None:
        return draw(collection, f"hidden {secret}", n)
    path = store / f"{collection}-{n}-{hashlib.sha256(str(secret).encode()).hexdigest()[:16]}.npz"
    if (kept := _read(path)) is not None:
        return kept
    drawn = draw(collection, f"hidden {secret}", n)
    _keep(path, drawn)
    return drawn


def _read(path: Path) -> Scenes | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            fields = {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
    return Scenes(**{**fields, "class_names": tuple(map(str, fields["class_names"]))})


def _keep(path: Path, drawn: Scenes) -> None:
    """Written aside and renamed, so that a reader beside us finds it whole or not at all."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, suffix=".npz")
    except OSError:  # a room that may not write there draws again next time
        return
    with os.fdopen(handle, "wb") as stream:
        arrays: dict[str, Any] = {field.name: getattr(drawn, field.name) for field in dataclasses.fields(drawn)}
        np.savez(stream, **arrays)
    Path(aside).replace(path)
