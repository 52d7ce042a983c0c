"""What is to be measured: the file calibration/<assignment>.toml,
one table for each trained task.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Course
from autograder.errors import UsageError

PACKAGE = Path(__file__).parent.parent.parent / "calibration"
# drawn anew for calibration, each as large as the one that submissions are judged on
HIDDEN_SETS = 3
KINDS = ("weak", "right", "beside")  # of variations
SCORES = ("classifier", "feature_classifier", "group_classifier", "localizer")


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
    scores: str  # how scenes are scored, one of SCORES
    hidden: Mapping[str, int]  # collection -> scenes that submissions are judged on
    limits: tuple[Limit, ...]
    weak: Mapping[str, Solution]  # must fail a first threshold
    right: Mapping[str, Solution]  # other right ways: must keep to all first thresholds
    beside: Mapping[str, Solution]  # measured to be shown beside them; nothing hangs on it
    seeded: Mapping[str, str]  # text of the cells -> the same with {seed}
    # further measures: expressions over the notebook's variables, one number each
    numbers: Mapping[str, str]
    keep: Mapping[str, str]  # what else is kept of each run: expressions whose values are JSON


def plan_path(course: Course, assignment: str) -> Path:
    """The file of an assignment: the course's own where it has one,
    else the package's; it need not exist.
    """
    own = course.root / "calibration" / f"{assignment}.toml"
    return own if own.exists() else PACKAGE / own.name


def read_plans(path: Path) -> dict[str, Plan]:
    """The plans in a file, by task.

    Raises:
        UsageError: something in it is not as described in docs/instructor.md.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {task: _plan(task, table) for task, table in tables.items()}
    except FileNotFoundError:
        raise UsageError(
            f"{path} is missing: it says what is trained and where the thresholds lie"
        ) from None
    except (tomllib.TOMLDecodeError, TypeError, KeyError, AttributeError, ValueError) as error:
        raise UsageError(
            f"{path}: {type(error).__name__}: {error}; the format is in docs/instructor.md"
        ) from None


def _plan(task: str, table: dict[str, Any]) -> Plan:
    if table["scores"] not in SCORES:
        raise ValueError(f"scores of {task} is one of {', '.join(SCORES)}, not {table['scores']!r}")
    known = {
        "cells",
        "model",
        "scores",
        "hidden",
        "thresholds",
        *KINDS,
        "seeded",
        "numbers",
        "keep",
    }
    if unknown := sorted(set(table) - known):
        raise ValueError(
            f"unknown key {', '.join(unknown)} in {task}; known are {', '.join(sorted(known))}"
        )
    return Plan(
        task=task,
        cells=tuple(table["cells"]),
        model=table["model"],
        scores=table["scores"],
        hidden=dict(table["hidden"]),
        limits=tuple(Limit(name, **limit) for name, limit in table["thresholds"].items()),
        weak=_solutions(table["weak"]),
        right=_solutions(table.get("right", {})),
        beside=_solutions(table.get("beside", {})),
        seeded=table.get("seeded", {}),
        numbers=table.get("numbers", {}),
        keep=table.get("keep", {}),
    )


def _solutions(tables: dict[str, Any]) -> dict[str, Solution]:
    return {name: Solution(**table) for name, table in tables.items()}


def sources(course: Course, assignment: str, plan: Plan) -> list[str]:
    """The code of the plan's cells in the instructor's notebook.

    Raises:
        UsageError: there is no such notebook, or it has no such cell.
    """
    # it need not be released yet
    path = course.root / "source" / assignment / f"{assignment}.ipynb"
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


def edition(plan: Plan, code: list[str], solution: Solution | None = None) -> str:
    """A name for what is measured: changes with the cells' code, the plan
    (but for its thresholds), data and backbone.

    With a solution: a name for its training alone.
    """
    from autograder.labkit.backbone import WEIGHTS
    from autograder.labkit.real import find
    from autograder.labkit.scenes import draw

    what = asdict(plan) | {"limits": None}
    if solution is not None:
        what |= dict.fromkeys(KINDS) | {"solution": asdict(solution) | {"seeds": None}}
    digest = hashlib.sha256(json.dumps([code, what], sort_keys=True).encode())
    for collection in sorted(plan.hidden):
        drawn = draw(collection, "edition", 2)
        for array in (drawn.images, drawn.labels, drawn.boxes, drawn.groups):
            digest.update(array.tobytes())
    if "backbone" in "".join(code):
        digest.update((find("vgg16.npz") or WEIGHTS).read_bytes())
    return digest.hexdigest()[:16]
