"""What is in a course folder: its settings, its assignments with their tasks,
and where everything lies.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from autograder.data.source import Source, read_backbone, read_source
from autograder.errors import UsageError
from autograder.rooms.limits import Limits

Isolation = Literal["strong", "reduced", "none"]
LEVELS: tuple[Isolation, ...] = ("none", "reduced", "strong")
DEFAULT_SEED = "a default for the demonstration; set your own"
_NAME = re.compile(r"[^/\\\0\n*?\[\]{}+.~ -][^/\\\0\n*?\[\]{}+]*\Z")


@dataclass(frozen=True)
class Task:
    """One task of an assignment; `manual` ones are marked by a person."""

    id: str
    points: float
    manual: bool


@dataclass(frozen=True)
class Assignment:
    """An assignment as its released notebook describes it."""

    name: str
    tasks: tuple[Task, ...]
    template_path: Path  # the released notebook
    source_path: Path  # the instructor's notebook, with solutions

    @property
    def graded(self) -> tuple[Task, ...]:
        """The tasks that graders judge."""
        return tuple(task for task in self.tasks if not task.manual)

    @property
    def points(self) -> dict[str, float]:
        """The points of the tasks that graders judge."""
        return {task.id: task.points for task in self.graded}


@dataclass(frozen=True)
class Course:
    """A course folder and its settings (course.toml)."""

    root: Path
    secret_seed: str = DEFAULT_SEED
    isolation: Isolation = "strong"  # what the rooms must reach at least
    jobs: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    limits: Limits = field(default_factory=Limits)
    # collections of real images; others are drawn
    data: Mapping[str, Source] = field(default_factory=dict, hash=False)
    backbone: str = "minivgg"

    @property
    def runs(self) -> Path:
        """Where the files between the stages lie: runs/<assignment>/<student>/."""
        return self.root / "runs"

    @property
    def gradebook(self) -> Path:
        """Nbgrader's database, unless its configuration names another."""
        return self.root / "gradebook.db"

    @property
    def graders(self) -> Path:
        """The hidden graders: the course's own folder where it has one,
        else those of the package.
        """
        own = self.root / "graders"
        return own if own.is_dir() else Path(__file__).parent / "graders"

    def template(self, assignment: str) -> Path:
        """The released notebook of an assignment."""
        return self.root / "release" / assignment / f"{assignment}.ipynb"

    def submission(self, assignment: str, student: str) -> Path:
        """Where the student's notebook lies; it need not exist."""
        return self.root / "submitted" / student / assignment / f"{assignment}.ipynb"

    def run_dir(self, assignment: str, student: str) -> Path:
        """Where the files between the stages of one submission lie."""
        return self.runs / assignment / student

    def assignments(self) -> list[str]:
        """The released assignments."""
        folders = (self.root / "release").glob("[!.]*/")
        return sorted(path.name for path in folders if self.template(path.name).is_file())

    def students(self, assignment: str) -> list[str]:
        """Everyone who has handed in a folder for the assignment."""
        return sorted(
            path.parent.name for path in (self.root / "submitted").glob(f"[!.]*/{assignment}/")
        )


def find_course(start: Path) -> Course:
    """The course that `start` lies in: the nearest folder upwards
    with a course.toml or an nbgrader_config.py.

    Raises:
        UsageError: there is none, or its course.toml says something that no setting is.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "course.toml").is_file():
            return _read_settings(folder / "course.toml")
        if (folder / "nbgrader_config.py").is_file():
            return Course(folder)
    raise UsageError(
        f"no course here: neither {start} nor a folder above it holds a course.toml; "
        "change into the course"
    )


def read_assignment(course: Course, name: str) -> Assignment:
    """The assignment of this name, its tasks and points read
    from the released notebook's nbgrader metadata.

    Raises:
        UsageError: it is not released, or its notebook can't be read or gives no tasks.
    """
    path = course.template(name)
    if not path.is_file():
        raise UsageError(
            unknown("assignment", name, course.assignments()) + f" (expected the notebook {path})"
        )
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{path} is not a notebook ({error}); "
            f"generate it with: nbgrader generate_assignment {name}"
        ) from None
    tasks = tuple(
        task for cell in cells for task in _task(cell.get("metadata", {}).get("nbgrader", {}))
    )
    if not tasks:
        raise UsageError(f"{path}: no cell carries points, so there is nothing to grade")
    return Assignment(name, tasks, path, course.root / "source" / name / f"{name}.ipynb")


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """What to answer to a name that is none: the nearest right one, or all of them."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    rest = f"did you mean «{near[0]}»?" if near else f"there are: {', '.join(names) or 'none'}"
    return f"there is no {kind} «{name}»; {rest}"


def valid_name(name: str) -> bool:
    """Whether a student's or assignment's name can stand in a path
    and in nbgrader's patterns as itself.
    """
    return bool(_NAME.match(name)) and len(name.encode()) <= 200


def _task(metadata: dict[str, Any]) -> list[Task]:
    if not metadata.get("grade"):
        return (
            [Task(metadata["grade_id"], float(metadata["points"]), manual=True)]
            if metadata.get("task")
            else []
        )
    manual = bool(metadata.get("solution"))
    name = str(metadata["grade_id"])
    return [
        Task(name if manual else name.removesuffix("_check"), float(metadata["points"]), manual)
    ]


def _read_settings(path: Path) -> Course:
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not TOML: {error}") from None
    known = {item.name for item in dataclasses.fields(Course)} - {"root"}
    if strange := sorted(set(given) - known):
        raise UsageError(f"{path}: {unknown('setting', strange[0], sorted(known))}")
    limits = given.pop("limits", {})
    sizes = {item.name for item in dataclasses.fields(Limits)}
    if strange := sorted(set(limits) - sizes):
        raise UsageError(f"{path}: {unknown('limit', strange[0], sorted(sizes))}")
    if bad := [
        name
        for name, value in limits.items()
        if isinstance(value, bool) or not isinstance(value, int | float)
    ]:
        raise UsageError(f"{path}: the limit {bad[0]} is a number, not {limits[bad[0]]!r}")
    if given.get("isolation", "strong") not in LEVELS:
        raise UsageError(
            f"{path}: isolation is one of {', '.join(LEVELS)}, not {given['isolation']!r}"
        )
    try:
        given["data"] = {
            name: read_source(name, table) for name, table in dict(given.get("data", {})).items()
        }
        given["backbone"] = read_backbone(given.get("backbone", "minivgg"))
    except (ValueError, TypeError) as error:
        raise UsageError(f"{path}: {error}") from None
    jobs = given.pop("jobs", 0)
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 0:
        raise UsageError(f"{path}: jobs is a whole number, 0 for one each core, not {jobs!r}")
    if "secret_seed" in given:
        given["secret_seed"] = str(given["secret_seed"])
    if jobs:
        given["jobs"] = jobs
    return Course(path.parent, limits=Limits(**limits), **given)
