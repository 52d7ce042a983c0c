"""What is to be measured: the file calibration.toml of a hidden folder, one table for each trained
task.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import numpy as np

from autograder import tables
from autograder.course import Course
from autograder.data.prepared import digest_of, prepared
from autograder.desk import course_part
from autograder.errors import UsageError
from autograder.files import contents
from autograder.judge.hidden_side import PLAN
from autograder.tables import Place

HIDDEN_SETS = (
    3  # drawn anew for calibration, each as large as the one that submissions are judged on
)
KINDS = ("weak", "right", "beside")  # of variations


@dataclass(frozen=True)
class Limit:
    """One threshold: a measure, where it lies, and whether the first credit hangs on it."""

    name: str  # the key under which graders find it
    measure: str
    at: float
    first: bool = True  # what weak solutions must fail; strong thresholds are not first ones
    upper: bool = False  # the measure may be at most `at`

    def holds(self, value: float) -> bool:
        """Whether a measured value keeps to it."""
        return value <= self.at if self.upper else value >= self.at


@dataclass(frozen=True)
class Solution:
    """A variation of the reference: what is changed in its cells, or code of its own."""

    replace: Mapping[str, str] = field(default_factory=dict)
    fit: bool = True  # False: `fit` does nothing
    shuffle: bool = False  # True: labels and boxes belong to other images
    code: str = ""  # instead of all cells after the first
    seeds: int = 1  # how often it is trained


@dataclass(frozen=True)
class Plan:
    """How the thresholds of one task are measured."""

    task: str
    cells: tuple[str, ...]  # of the source notebook, in order; the first sets up
    model: str  # the variable in which they leave the trained model
    scores: str  # a function of the hidden folder's scores.py, or of calibration/scores.py
    hidden: Mapping[str, int]  # collection -> scenes that submissions are judged on
    limits: tuple[Limit, ...]
    weak: Mapping[str, Solution]  # must fail a first threshold
    right: Mapping[str, Solution]  # other right ways: must keep to all first thresholds
    beside: Mapping[str, Solution]  # measured to be shown beside them; nothing hangs on it
    seeded: Mapping[str, str]  # text of the cells -> the same with {seed}
    # further measures: expressions over the notebook's variables, one number each
    numbers: Mapping[str, str]
    keep: Mapping[str, str]  # what else is kept of each run: expressions whose values are JSON


@dataclass(frozen=True)
class _Table:
    """What a table of the file may say."""

    cells: tuple[str, ...]
    model: str
    scores: str
    hidden: Mapping[str, int]
    thresholds: Mapping[str, Any]
    weak: Mapping[str, Solution]
    right: Mapping[str, Solution] = field(default_factory=dict)
    beside: Mapping[str, Solution] = field(default_factory=dict)
    seeded: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)


def plan_path(course: Course, assignment: str) -> Path:
    """The file of an assignment; it need not exist."""
    return course.graders / assignment / PLAN


def read_plans(path: Path) -> dict[str, Plan]:
    """The plans in a file, by task.

    Raises:
        UsageError: something in it is not as described in docs/instructor.md.
    """
    if not path.exists():
        raise UsageError(f"{path} is missing: it says what is trained and where the thresholds lie")
    found, place = tables.read_toml(path)
    return {task: _plan(task, table, place.inside(task)) for task, table in found.items()}


def _plan(task: str, table: Any, place: Place) -> Plan:
    found = tables.record(_Table, table, place)
    thresholds = place.inside("thresholds")
    limits = tuple(
        tables.record(Limit, one, thresholds.inside(name), name=name)
        for name, one in found.thresholds.items()
    )
    fields = {one.name: getattr(found, one.name) for one in dataclasses.fields(found)}
    del fields["thresholds"]
    return Plan(task=task, limits=limits, **fields)


def sources(course: Course, assignment: str, plan: Plan) -> list[str]:
    """The code of the plan's cells in the instructor's notebook.

    Raises:
        UsageError: there is no such notebook, or it has no such cell.
    """
    # it need not be released yet
    path = course.source(assignment)
    if not path.is_file():
        raise UsageError(
            f"there is no assignment «{assignment}» to calibrate: expected its notebook {path}"
        )
    cells = {cell.get("id"): cell.source for cell in nbformat.read(path, as_version=4).cells}
    if missing := [cell for cell in plan.cells if cell not in cells]:
        raise UsageError(
            f"{path} has no cell {', '.join(missing)}, which the calibration of {plan.task} names"
        )
    return [cells[cell] for cell in plan.cells]


def edition(course: Course, plan: Plan, code: list[str], solution: Solution | None = None) -> str:
    """A name for what is measured: changes with the cells' code, the plan (but for its thresholds),
    what is drawn, and data files that come with the course's labkit or were prepared.

    With a solution: a name for its training alone.

    Raises:
        UsageError: the plan names collections, and the course's labkit draws none.
    """
    what = asdict(plan) | {"limits": None}
    if solution is not None:
        what |= dict.fromkeys(KINDS) | {"solution": asdict(solution) | {"seeds": None}}
    found = hashlib.sha256(json.dumps([code, what], sort_keys=True).encode())
    found.update(digest_of(prepared(course)))
    part = course_part(course)
    if plan.hidden and not hasattr(part, "draw"):
        raise UsageError(
            f"the threshold of {plan.task} is measured on {', '.join(plan.hidden)}: expected a"
            f" function draw(collection, seed, n) in {course.labkit / '__init__.py'}"
        )
    for collection in sorted(plan.hidden):
        drawn = part.draw(collection, "edition", 2)
        for one in dataclasses.fields(drawn):
            array = getattr(drawn, one.name)
            found.update(array.tobytes() if isinstance(array, np.ndarray) else repr(array).encode())
    for _, file in contents([course.labkit]):
        if file.suffix not in {".py", ".md"}:  # code is known by what it draws
            found.update(file.read_bytes())
    return found.hexdigest()[:16]
