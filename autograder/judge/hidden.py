"""Hidden data: scenes from the secret seed, drawn in the judge room
or read from a folder that only the judge sees.

Where a course has real data for a collection, "drawn" is "taken from its hidden split" (labkit sees
to it).
"""

from __future__ import annotations

import dataclasses
import hashlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder import labkit
from autograder.data.prepared import use
from autograder.labkit.scenes import Scenes, draw


def hidden_scenes(collection: str, n: int, secret: int | str, store: Path | None = None) -> Scenes:
    """`n` scenes of a collection that no student has seen; the same ones for every student.

    They are read from `store` where they were made ready in it.
    """
    kept = None if store is None else _read(store / _name(collection, n))
    return draw(collection, f"hidden {secret}", n) if kept is None else kept


def make_ready(payload: Mapping[str, Any]) -> list[str]:
    """Draw the sets [(collection, n), …] into the current folder,
    for `hidden_scenes`: the names of the files.

    A set that real data are too few for is left out: the check that asks for it says so, and no
    other one suffers.
    """
    use(payload.get("data"))
    names = []
    for collection, n in payload["sets"]:
        try:
            drawn = draw(collection, f"hidden {payload['secret']}", n)
        except ValueError:
            continue
        arrays: dict[str, Any] = {
            field.name: getattr(drawn, field.name) for field in dataclasses.fields(drawn)
        }
        names.append(_name(collection, n))
        np.savez(names[-1], **arrays)
    return names


def edition(secret: int | str, sets: Iterable[tuple[str, int]], real: bytes = b"") -> str:
    """A name for these sets that changes with the seed, the code that draws scenes and real data,
    and tells none.
    """
    code = [path.read_bytes() for path in sorted(Path(labkit.__file__).parent.glob("*.py"))]
    return hashlib.sha256(
        b"\0".join([repr((str(secret), sorted(sets))).encode(), *code, real])
    ).hexdigest()[:16]


def _name(collection: str, n: int) -> str:
    return f"{collection}-{n}.npz"


def _read(path: Path) -> Scenes | None:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            fields = {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
    return Scenes(**{**fields, "class_names": tuple(map(str, fields["class_names"]))})
