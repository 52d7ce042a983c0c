"""The frozen records that travel between stages and go to JSON unchanged."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

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


def read_run(path: Path) -> Run:
    """The record in a run.json."""
    data = json.loads(path.read_text(encoding="utf-8"))
    sections = tuple(SectionRun(**{**s, "error": _error(s["error"])}) for s in data.pop("sections"))
    words = {name: tuple(data.get(name, ())) for name in ("remarks", "not_run", "incidents")}
    return Run(**{**data, "sections": sections, **words})


def _error(data: dict[str, Any] | None) -> CellError | None:
    return None if data is None else CellError(**{**data, "through": tuple(data["through"])})


def read_verdict(path: Path) -> Verdict:
    """The record in a verdict.json."""
    data = json.loads(path.read_text(encoding="utf-8"))
    tasks = tuple(
        TaskVerdict(
            **{
                **t,
                "checks": tuple(Check(**c) for c in t["checks"]),
                "leans": None if t.get("leans") is None else tuple(t["leans"]),
            }
        )
        for t in data.pop("tasks")
    )
    words = {name: tuple(data.get(name, ())) for name in ("remarks", "incidents")}
    return Verdict(**{**data, "tasks": tasks, **words})
