"""Hidden data, drawn from the secret seed by the course's part of labkit: its function
`draw(collection, seed, n)` gives a dataclass of arrays and of tuples of names.

It runs in the judge room, or reads what was made ready there in a folder that only the judge sees.
"""

from __future__ import annotations

import dataclasses
import importlib
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.data.prepared import use
from autograder.errors import UsageError
from autograder.files import contents, digest
from autograder.judge.hidden_side import Records


def hidden_data(collection: str, n: int, secret: int | str, store: Path | None = None) -> Any:
    """`n` items of a collection that no student has seen; the same ones for every student.

    They are read from `store` where they were made ready in it.

    Raises:
        UsageError: the course's labkit can't draw.
    """
    kept = None if store is None else _read(store / _name(collection, n), collection)
    return _draw(collection, f"hidden {secret}", n) if kept is None else kept


def make_ready(payload: Mapping[str, Any]) -> list[str]:
    """Draw the sets [(collection, n), …] into the current folder, for `hidden_data`: the names of
    the files.

    A set that real data are too few for is left out: the check that asks for it says so, and no
    other one suffers.
    """
    use(payload)
    names = []
    for collection, n in payload["sets"]:
        try:
            drawn = _draw(collection, f"hidden {payload['secret']}", n)
        except ValueError:
            continue
        fields = {field.name: getattr(drawn, field.name) for field in dataclasses.fields(drawn)}
        names.append(_name(collection, n))
        np.savez(names[-1], **fields)
    return names


def sets_of(records: Records) -> list[tuple[str, int]]:
    """The sets that calibration records speak of: a collection, and how many of it."""
    measured = [record for record in records.values() if "scenes" in record]
    first = {(record["collection"], record["scenes"]) for record in measured}
    others = {(name, n) for record in measured for name, n in record.get("also", ())}
    return sorted(first | others)


def edition(secret: str, sets: Iterable[tuple[str, int]], desk: Path, real: bytes) -> str:
    """A name for these sets that changes with the seed, the code that draws and real data, and
    tells none of them.
    """
    code = [path.read_bytes() for _, path in contents([desk / "labkit" / "course"])]
    return digest(repr((secret, sorted(sets))), *code, real)[:16]


def _draw(collection: str, seed: str, n: int) -> Any:
    try:
        draw = importlib.import_module("labkit.course").draw
    except (ImportError, AttributeError):
        raise UsageError(
            "there are no hidden data: the course's labkit gives no function draw(collection, seed,"
            " n)"
        ) from None
    return draw(collection, seed, n)


def _name(collection: str, n: int) -> str:
    return f"{collection}-{n}.npz"


def _read(path: Path, collection: str) -> Any:
    """What was made ready, as the dataclass that `draw` gives."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            fields: dict[str, Any] = {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, zipfile.BadZipFile):
        return None
    like = _draw(collection, "what it is made of", 1)
    names = {
        name: tuple(map(str, array))
        for name, array in fields.items()
        if isinstance(getattr(like, name), tuple)
    }
    return type(like)(**(fields | names))
