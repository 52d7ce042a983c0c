"""Hidden data, drawn from the secret seed by the course's part of labkit: its function
`draw(collection, seed, n)` gives a dataclass of arrays and of tuples of names.

What graders work out from them alike for every submission, such as a backbone's features, stands
in `derived.py` of the hidden folder: functions of (hidden, calibration records) that give an array.

It runs in the judge room, or reads what was made ready there in a folder that only the judge sees.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.data.prepared import use
from autograder.errors import UsageError
from autograder.files import contents, digest
from autograder.judge.hidden_side import DERIVED, RECORD, Records, load, read_calibration


def hidden_data(collection: str, n: int, secret: int | str, store: Path | None = None) -> Any:
    """`n` items of a collection that no student has seen; the same ones for every student.

    They are read from `store` where they were made ready in it.

    Raises:
        UsageError: the course's labkit can't draw.
    """
    kept = None if store is None else _read(store / _name(collection, n), collection)
    return _draw(collection, f"hidden {secret}", n) if kept is None else kept


@dataclass(frozen=True)
class Hidden:
    """Hidden data as graders see them: `hidden("collection", 1000)`, `hidden.derived("name")`."""

    secret: int | str
    store: Path | None  # where they were made ready
    folder: Path  # the hidden one
    records: Records

    def __call__(self, collection: str, n: int) -> Any:
        """So many items that no student has seen."""
        return hidden_data(collection, n, self.secret, self.store)

    def derived(self, name: str) -> np.ndarray:
        """What the function of this name in `derived.py` gives."""
        if self.store is not None and (kept := self.store / _derived(name)).is_file():
            found: np.ndarray = np.load(kept, allow_pickle=False)
            return found
        made: np.ndarray = getattr(load(self.folder / DERIVED), name)(self, self.records)
        return made


def make_ready(payload: Mapping[str, Any]) -> list[str]:
    """Draw the sets [(collection, n), …] into the current folder, for `hidden_data`, and derive
    from them what `derived.py` says: the names of the files.

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
    folder, here = Path(payload["graders"]), Path.cwd()
    if (folder / DERIVED).is_file():
        records = read_calibration(folder / RECORD)
        hidden = Hidden(payload["secret"], here, folder, records)
        for name in derived_names(folder):
            with contextlib.suppress(Exception):  # the check that asks for it says why
                np.save(_derived(name), hidden.derived(name))
                names.append(_derived(name))
    return names


def derived_names(folder: Path) -> list[str]:
    """The functions in `derived.py` that give arrays; none where there is no such file."""
    path = folder / DERIVED
    tree = ast.parse(path.read_text(encoding="utf-8")) if path.is_file() else ast.Module([], [])
    named = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [name for name in named if not name.startswith("_")]


def sets_of(records: Records) -> list[tuple[str, int]]:
    """The sets that calibration records speak of: a collection, and how many of it."""
    measured = [record for record in records.values() if "scenes" in record]
    first = {(record["collection"], record["scenes"]) for record in measured}
    others = {(name, n) for record in measured for name, n in record.get("also", ())}
    return sorted(first | others)


def edition(
    secret: str, sets: Iterable[tuple[str, int]], desk: Path, real: bytes, folder: Path
) -> str:
    """A name for these sets that changes with the seed, the code that draws and derives, and real
    data, and tells none of them.
    """
    places = [desk / "labkit" / "course", folder / DERIVED]
    code = [path.read_bytes() for _, path in contents(one for one in places if one.exists())]
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


def _derived(name: str) -> str:
    return f"derived-{name}.npy"


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
