"""The frozen records that travel between stages and go to JSON unchanged."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import typing
from dataclasses import dataclass, field
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar

T = TypeVar("T")
Ending = Literal["passed", "failed", "blocked", "broken"]
Status = Literal[
    "graded", "needs_review", "timeout", "out_of_memory", "crashed", "unreadable", "missing"
]
SectionStatus = Literal["done", "error", "timeout", "out_of_memory", "crashed", "skipped"]


@dataclass(frozen=True)
class CellError:
    """An exception that a student's cell or answer raised;
    all text is the student's and untrusted.
    """

    type: str
    message: str
    # one line of ours: which layers and shapes disagree, and which side must change
    explanation: str | None = None
    through: tuple[str, ...] = ()  # tasks whose cells the traceback passes through, innermost last


@dataclass(frozen=True)
class SectionRun:
    """What became of one task's section in the student room."""

    task: str
    status: SectionStatus
    seconds: float  # wall time of the student's own cells
    error: CellError | None = None  # the first uncaught exception of the section, if any


@dataclass(frozen=True)
class Collected:
    """.collected.json: where what lies in a student's folder of submitted/ is from."""

    source: str  # the name of the zip file or folder
    system: str
    order: int  # the system's own, a later attempt's is higher; 0: it has none
    seen: float  # the newest time in the archive, since 1970; 0: it has none
    time: str | None  # of submission, as in timestamp.txt
    files: dict[str, str]  # SHA-256 by name


@dataclass(frozen=True)
class Run:
    """run.json: the student room's account of one submission."""

    assignment: str
    student: str
    key: str  # hash of everything that the run depends on
    seed: int  # questions are drawn from it, fresh for each run
    status: Status
    isolation: str  # "strong", "reduced: …" or "none", as the canaries found it
    seconds: float  # wall time from opening the room to closing it
    cell_seconds: float  # of which the student's own cells
    sections: tuple[SectionRun, ...]
    remarks: tuple[str, ...] = ()  # what was put right in the rebuilt notebook, what was attempted
    not_run: tuple[str, ...] = ()  # given cells that nothing counted leans on
    cpu_seconds: float = 0.0  # of the room's processes
    incidents: tuple[str, ...] = ()  # for the instructor: what was stopped or left out
    device: str = ""  # what models were computed with: "TensorFlow, CPU"
    # the first uncaught exception of the student's own cells before all sections, if any
    start: CellError | None = None
    libraries: tuple[str, ...] = ()  # what could be imported, in words that students know


@dataclass(frozen=True)
class Check:
    """One claim that a grader made about an answer, and how it ended."""

    check: str
    ending: Ending
    weight: float
    sentence: str  # the grader's docstring: what is established
    expected: str = ""
    found: str = ""
    hint: str = ""
    misconception: str | None = None
    picture: str | None = None  # inline SVG of ours, the place marked
    # whether it rests on what our code reported from inside the student's process alone
    reported: bool = False


@dataclass(frozen=True)
class TaskVerdict:
    """The checks of one task and the points that they add up to."""

    task: str
    score: float
    max_score: float
    checks: tuple[Check, ...]
    # other tasks whose answers or checks were looked at; None where that was not noted
    leans: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Verdict:
    """verdict.json: what the judge room established about one submission."""

    assignment: str
    student: str
    key: str
    status: Status
    isolation: str
    score: float
    max_score: float
    seconds: float
    tasks: tuple[TaskVerdict, ...]
    remarks: tuple[str, ...] = field(default=())
    incidents: tuple[str, ...] = ()  # for the instructor only


def to_json(record: Any) -> str:
    """The record as JSON text, two spaces of indent, keys in the order of the fields."""
    return (
        json.dumps(dataclasses.asdict(record), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    )


class Damaged(ValueError):
    """A stored file does not hold the record that was written there."""


def read_run(path: Path) -> Run:
    """The record in a run.json.

    Raises:
        Damaged: it holds something else.
        OSError: it can't be read.
    """
    return read_record(Run, path)


def read_verdict(path: Path) -> Verdict:
    """The record in a verdict.json.

    Raises:
        Damaged: it holds something else.
        OSError: it can't be read.
    """
    return read_record(Verdict, path)


def read_collected(path: Path) -> Collected:
    """Where what lies beside it is from.

    Raises:
        Damaged: it is not as it was written.
        OSError: it can't be read.
    """
    return read_record(Collected, path)


def read_json(path: Path) -> Any:
    """The JSON value in a stored file.

    Raises:
        Damaged: it is none.
        OSError: it can't be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise Damaged(f"{path} is not JSON") from None


def read_record(cls: type[T], path: Path) -> T:
    """A stored record of this type.

    Raises:
        Damaged: it is not as it was written.
        OSError: it can't be read.
    """
    data = read_json(path)
    try:
        found: T = _value(cls, data)
    except (ValueError, TypeError):
        raise Damaged(f"{path} is not as it was written") from None
    return found


def _value(kind: Any, data: Any) -> Any:  # noqa: PLR0911 — one return for each kind of value
    """What was written as JSON, as a value of its field's type again."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if dataclasses.is_dataclass(kind):
        cls: Any = kind
        kinds = _kinds(cls)
        return cls(**{name: _value(kinds[name], value) for name, value in _items(data, kinds)})
    if origin is UnionType:
        return None if data is None and NoneType in inner else _value(inner[0], data)
    if origin is tuple and isinstance(data, list):
        return tuple(_value(inner[0], item) for item in data)
    if origin is dict and isinstance(data, dict):
        return {_value(inner[0], key): _value(inner[1], item) for key, item in data.items()}
    if origin is Literal and isinstance(data, str) and data in inner:
        return data
    if kind is str and isinstance(data, str):
        data.encode()  # a lone surrogate could not be written again
        return data
    if kind is bool and isinstance(data, bool):
        return data
    number = isinstance(data, int | float) and not isinstance(data, bool)
    if number and kind is int and isinstance(data, int):
        return data
    if number and kind is float and abs(data) < 1e15 and math.isfinite(data):
        return data
    raise ValueError(data)


def _items(data: Any, kinds: dict[str, Any]) -> Any:
    if not isinstance(data, dict) or not data.keys() <= kinds.keys():
        raise ValueError(data)
    return data.items()


@functools.cache
def _kinds(cls: Any) -> dict[str, Any]:
    return typing.get_type_hints(cls)
