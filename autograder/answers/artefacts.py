"""Answers from the student room, read with the suspicion that files from there deserve."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import stat
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, cast, get_args

import numpy as np

from autograder.errors import ArtefactError
from autograder.records import CellError

Outcome = Literal[
    "model",
    "array",
    "value",
    "values",
    "error",
    "missing",
    "refused",
    "timeout",
    "crashed",
    "not_asked",
]

MAX_JSON = 32 * 1024 * 1024  # bytes of an answer or a configuration
MAX_ARRAYS = 2_000
MAX_BYTES = 256 * 1024 * 1024  # of all arrays of one answer
MAX_DEPTH = 100  # of a JSON value; a model nested in a model takes about six
MAX_TEXT = 4_000  # characters of a message

_SAFE = re.compile(r"[^/\x00.][^/\x00]{0,119}")
_MAGIC = b"\x93NUMPY"
# what `values.write_arrays` writes; NumPy would evaluate the header as an expression
_HEADER = re.compile(
    rb"\{'descr': '(?P<dtype>[<>|][biufc]\d{1,2})', 'fortran_order': (?P<columns>True|False), "
    rb"'shape': \((?P<shape>(?:\d{1,15}(?:, \d{1,15}){0,31},?)?)\), \}\s*"
)
_DTYPE = re.compile(r"(?:[<>|=]?[biuf]\d{1,2}|bool|u?int\d{1,2}|float\d{2,3})")


@dataclass(frozen=True)
class Answer:
    """What came of one question; everything in it but the outcome is the student's."""

    task: str
    question: str
    outcome: Outcome
    type: str = ""  # class name of what was returned
    value: Any = None  # outcome "value"
    # outcome "values": {"value": …} or {"error": CellError} for each call
    values: tuple[Mapping[str, Any], ...] = ()
    error: CellError | None = None  # outcome "error"
    detail: str = ""
    seconds: float = 0.0
    folder: Path = field(default=Path(), repr=False)

    def config(self) -> dict[str, Any]:
        """The configuration of a model, as `model.to_json()` gives it,
        with "compile_config" and "live".
        """
        data = _json(self.folder / f"{self.question}.config.json")
        if not isinstance(data, dict) or not isinstance(data.get("config"), dict):
            raise ArtefactError(
                f"{self._place}.config.json: expected the configuration of a model, an object"
            )
        return data

    def weights(self) -> dict[str, np.ndarray]:
        """The arrays of a model by "<layer path>:<index>", and "optimizer:<index>"."""
        return self.arrays()

    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays of the answer by their keys, "array" where it is one."""
        return _arrays(self.folder / f"{self.question}.npz")

    @property
    def finite(self) -> bool:
        """Whether all numbers of its arrays are finite."""
        return all(bool(np.isfinite(array).all()) for array in self.arrays().values())

    @property
    def _place(self) -> str:
        return f"{self.task}/{self.question}"


def read_answer(run_dir: Path, task: str, question: str) -> Answer:
    """The answer to a question; one that was never written down is "not_asked".

    Raises:
        ArtefactError: the file breaks the rules.
    """
    for name in (task, question):
        if not _SAFE.fullmatch(name):
            raise ArtefactError(f"«{name}» can't be the name of a file of answers")
    folder = run_dir / "artefacts" / task
    path = folder / f"{question}.json"
    if not os.path.lexists(path):
        return Answer(
            task, question, "not_asked", detail="the room ended before this question", folder=folder
        )
    place = f"{task}/{question}.json"
    data = _record(_json(path), task, question, place)
    outcome = cast("Outcome", data["outcome"])
    values = data.get("values") if outcome == "values" else []
    if not isinstance(values, list):
        raise ArtefactError(f"{place}: expected a list of values")
    error = _error(data.get("error"), place) if outcome == "error" else None
    return Answer(
        task=task,
        question=question,
        outcome=outcome,
        type=_text(data.get("type"), place)[:200],
        value=_decode(data.get("value"), place) if outcome == "value" else None,
        values=tuple(_case(value, place) for value in values),
        error=error,
        detail=_text(data.get("detail"), place),
        seconds=_seconds(data.get("seconds")),
        folder=folder,
    )


def _record(data: Any, task: str, question: str, place: str) -> dict[str, Any]:
    if not isinstance(data, dict) or data.get("outcome") not in get_args(Outcome):
        raise ArtefactError(
            f"{place}: expected an object with an outcome, one of {', '.join(get_args(Outcome))}"
        )
    if (data.get("task"), data.get("question")) != (task, question):
        raise ArtefactError(f"{place}: it is the answer to another question")
    return data


def open_regular(path: Path, limit: int) -> BinaryIO:
    """A file opened for reading, sure to be a regular one with a single name
    and at most `limit` bytes.

    Raises:
        ArtefactError: it is anything else, or can't be opened.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ArtefactError(
            f"{path.parent.name}/{path.name} can't be read: {error.strerror}"
        ) from None
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_size > limit:
        os.close(handle)
        raise ArtefactError(
            f"{path.parent.name}/{path.name}: expected a regular file of at most {limit:,} bytes"
        )
    return os.fdopen(handle, "rb")


def _json(path: Path) -> Any:
    place = f"{path.parent.name}/{path.name}"
    with open_regular(path, MAX_JSON) as stream:
        text = stream.read()
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArtefactError(f"{place} is not JSON: {error}"[:300]) from None
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [inner for item in level for inner in _inner(item)]
        if not level:
            return data
    raise ArtefactError(f"{place} is nested deeper than {MAX_DEPTH} levels")


def _inner(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return list(item.values())
    return item if isinstance(item, list) else []


def _arrays(path: Path) -> dict[str, np.ndarray]:
    place = f"{path.parent.name}/{path.name}"
    with open_regular(path, MAX_BYTES + MAX_JSON) as stream:
        try:
            _demand_short_list(stream, place)
            with zipfile.ZipFile(stream) as archive:
                members = archive.infolist()
                if (
                    len(members) > MAX_ARRAYS
                    or sum(member.file_size for member in members) > MAX_BYTES + MAX_JSON
                ):
                    raise ArtefactError(f"{place} holds too much: {len(members):,} arrays")
                return dict(_array(archive, member, place) for member in members)
        except (
            zipfile.BadZipFile,
            ValueError,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
            OverflowError,
            LookupError,
            TypeError,
            struct.error,
        ) as error:
            raise ArtefactError(f"{place} is no npz: {_one_line(error)}"[:300]) from None


def _demand_short_list(stream: IO[bytes], place: str) -> None:
    """`zipfile` makes an object of each member that is listed, before any can be counted: so the
    list's length is looked up in the end record first.
    """
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - 22))
    end = stream.read(22)
    stream.seek(0)
    if len(end) < 22 or not end.startswith(b"PK\5\6"):
        raise ArtefactError(f"{place} is no npz: it does not end as one")
    count, length = struct.unpack("<10xHI6x", end)
    if count > MAX_ARRAYS or length > MAX_ARRAYS * 1024:
        raise ArtefactError(f"{place} holds too much: {count:,} arrays")


def _one_line(text: object) -> str:
    return " ".join(str(text).split())


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: str) -> tuple[str, np.ndarray]:
    name = f"{place}: «{_one_line(member.filename)[:100]}»"
    if (
        member.compress_type != zipfile.ZIP_STORED
        or not member.filename.endswith(".npy")
        or member.flag_bits & 1
    ):
        raise ArtefactError(f"{name} is no array stored as it is")
    with archive.open(member) as stream:
        shape, fortran, dtype = _header(stream, name)
        size = math.prod(shape) * dtype.itemsize
        data = stream.read(size + 1) if size <= member.file_size else b""
        if len(data) != size:
            raise ArtefactError(f"{name} is not as long as its shape says")
    array = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
    return member.filename.removesuffix(".npy"), array


def _header(stream: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether columns come first, and type of an array of numbers."""
    start = stream.read(10)
    if len(start) < 10 or start[:8] != _MAGIC + b"\1\0":
        raise ArtefactError(f"{name} is of an unknown version of the format")
    said = _HEADER.fullmatch(stream.read(int.from_bytes(start[8:], "little")))
    if said is None:
        raise ArtefactError(f"{name} holds no numbers, or has a shape that no array has")
    shape = tuple(int(size) for size in said["shape"].split(b",") if size.strip())
    return shape, said["columns"] == b"True", np.dtype(said["dtype"].decode())


def _decode(value: Any, place: str) -> Any:
    """Python values from the JSON that `rooms.values.encode` wrote."""
    if isinstance(value, list):
        return [_decode(item, place) for item in value]
    if not isinstance(value, dict):
        return value
    try:
        return _marked(value, place)
    except (TypeError, ValueError, OverflowError, LookupError):
        raise ArtefactError(
            f"{place}: {str(value)[:80]} is no value as the room writes them"
        ) from None


def _marked(value: dict[str, Any], place: str) -> Any:
    """What JSON has no word for; the keys say what it is."""
    if value.keys() == {"dict"}:
        return {_hashable(key): _decode(item, place) for key, item in value["dict"]}
    if value.keys() == {"tuple"}:
        return tuple(_decode(item, place) for item in value["tuple"])
    if value.keys() == {"float"} and value["float"] in ("nan", "inf", "-inf"):
        return float(value["float"])
    if value.keys() == {"array", "shape", "dtype"}:
        flat = [_decode(item, place) for item in value["array"]]
        if _DTYPE.fullmatch(value["dtype"]):
            return np.array(flat, np.dtype(value["dtype"])).reshape(value["shape"])
    raise ValueError(value)


def _hashable(key: Any) -> Any:
    if isinstance(key, bool | int | str | None):
        return key
    raise ValueError(key)


def _case(data: Any, place: str) -> Mapping[str, Any]:
    if isinstance(data, dict) and "error" in data:
        return {"error": _error(data["error"], place)}
    if isinstance(data, dict) and "value" in data:
        return {"value": _decode(data["value"], place)}
    raise ArtefactError(f"{place}: expected a value or an error for each call")


def _error(data: Any, place: str) -> CellError:
    if not isinstance(data, dict) or not isinstance(data.get("through", []), list):
        raise ArtefactError(f"{place}: expected an error with a type and a message")
    explanation = data.get("explanation")
    return CellError(
        type=_text(data.get("type"), place)[:200],
        message=_text(data.get("message"), place),
        explanation=None if explanation is None else _text(explanation, place),
        through=tuple(_text(task, place)[:200] for task in data.get("through", [])[:100]),
    )


def _text(value: Any, place: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ArtefactError(f"{place}: expected text, found {str(value)[:80]}")
    return value[:MAX_TEXT].encode("utf-8", "replace").decode()


def _seconds(value: Any) -> float:
    """JSON knows integers that no float is as large as, and NaN."""
    with contextlib.suppress(OverflowError):
        return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0
    return 0.0
