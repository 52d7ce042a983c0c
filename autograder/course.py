"""What is in a course folder: its settings, its assignments with their tasks, and where everything lies.

course.toml   nbgrader_config.py
source/<a>/   release/<a>/       nbgrader's; what lies beside a source notebook is released with it
graders/<a>/                     the hidden side of an assignment, whole (judge/hidden_side.py)
labkit_course/                   what the course adds to labkit: data, pictures; need not be there
bank/<a>/   attacks/             known submissions
submitted/  runs/  autograded/  feedback/  gradebook.db      a class
"""  # noqa: E501 — a tree

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from autograder import tables
from autograder.data.source import Backbone, Source
from autograder.errors import NoCourse, UsageError
from autograder.rooms import libraries
from autograder.rooms.limits import Limits
from autograder.showing import quoted
from autograder.tables import unknown

Isolation = Literal["none", "reduced", "strong"]
LEVELS: tuple[Isolation, ...] = ("none", "reduced", "strong")
COMES_ALONG = "own_course"  # a folder that only the wheel has
DEFAULT_SEED = "a default for the demonstration; set your own"
_NONE = r"/\\*?\[\]{}+\0-\x1f\x7f-\x9f\ud800-\udfff"  # the last: bytes that are no UTF-8
_LONGEST = 200  # bytes
_NAME = re.compile(rf"[^{_NONE}.~ -][^{_NONE}]*\Z")


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
class RoomSettings:
    """What students' rooms compute with."""

    # what Keras computes with; auto: what KERAS_BACKEND names, else what is installed
    backend: Literal["auto", "tensorflow", "jax"] = "auto"
    gpu: Literal["none", "auto"] | float = "none"  # cards a room; below 1: its share of one
    # what students may import besides the standard library and the backend, as pip knows it
    libraries: tuple[str, ...] = libraries.DEFAULT

    def __post_init__(self) -> None:
        if wrong := [name for name in self.libraries if not libraries.is_name(name)]:
            raise ValueError(
                "libraries are names of packages as pip knows them, such as scikit-learn, not"
                f" {quoted(wrong[0])}"
            )
        if isinstance(self.gpu, str):
            return
        if not (0.01 <= self.gpu < 1 or (1 <= self.gpu <= 64 and self.gpu == int(self.gpu))):
            raise ValueError(
                'gpu is "none", "auto", a whole number of cards for each room, or a share of one'
                f" such as 0.25, not {quoted(self.gpu)}"
            )


@dataclass(frozen=True)
class Settings:
    """What a course.toml may say; everything has a default."""

    secret_seed: str = DEFAULT_SEED
    isolation: Isolation = "strong"  # what the rooms must reach at least
    jobs: int = 0  # submissions at a time; 0: one for each core
    given_cells: Literal["needed", "all"] = "needed"  # which of them run at grading
    limits: Limits = field(default_factory=Limits)
    rooms: RoomSettings = field(default_factory=RoomSettings)
    graders: str = "graders"  # folders, from the course's own
    bank: str = "bank"
    attacks: str = "attacks"
    labkit: str = "labkit_course"
    data: Mapping[str, Source] = field(default_factory=dict)  # real images, by collection
    backbone: Backbone | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.jobs <= 10_000:
            raise ValueError(
                f"jobs is a whole number, 0 for one each core, not {quoted(self.jobs)}"
            )
        for name in ("graders", "bank", "attacks", "labkit"):
            if not (folder := getattr(self, name)) or "\0" in folder:
                raise ValueError(f"{name} names a folder, not {quoted(folder)}")


@dataclass(frozen=True, eq=False)
class Course:
    """A course folder and its settings (course.toml)."""

    root: Path
    settings: Settings = field(default_factory=Settings)

    @property
    def secret_seed(self) -> str:
        """Hidden data are drawn from it."""
        return self.settings.secret_seed

    @property
    def isolation(self) -> Isolation:
        """How closed its rooms must be at least."""
        return self.settings.isolation

    def content_with(self, isolation: str) -> bool:
        """Whether rooms of this isolation ("reduced: …") are as closed as it demands."""
        reached = isolation.partition(":")[0]
        return reached in LEVELS and LEVELS.index(reached) >= LEVELS.index(self.isolation)

    @property
    def limits(self) -> Limits:
        """What one submission may use."""
        return self.settings.limits

    @cached_property
    def jobs(self) -> int:
        """Submissions at a time."""
        return self.settings.jobs or len(os.sched_getaffinity(0))

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
        """The hidden folders, one an assignment."""
        return self.root / self.settings.graders

    @property
    def bank(self) -> Path:
        """Known submissions, a folder an assignment."""
        return self.root / self.settings.bank

    @property
    def attacks(self) -> Path:
        """Hostile known submissions."""
        return self.root / self.settings.attacks

    @property
    def labkit(self) -> Path:
        """What the course adds to labkit; need not be there."""
        return self.root / self.settings.labkit

    def source(self, assignment: str) -> Path:
        """The instructor's notebook of an assignment."""
        return self.root / "source" / assignment / f"{assignment}.ipynb"

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
        folders = (self.root / "submitted").glob("[!.]*/")
        return sorted(path.name for path in folders if _holds(path, assignment))


def _holds(folder: Path, name: str) -> bool:
    """Whether there is such a folder in it, as far as can be seen: who reads it then says more."""
    try:
        return (folder / name).is_dir()
    except PermissionError:
        return True


def find_course(start: Path) -> Course:
    """The course that `start` lies in: the nearest folder upwards with a course.toml or an
    nbgrader_config.py.

    Raises:
        NoCourse: there is none.
        UsageError: its course.toml says something that no setting is.
    """
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "course.toml").is_file():
            return Course(folder, _read_settings(folder / "course.toml"))
        if (folder / "nbgrader_config.py").is_file():
            return Course(folder)
    raise NoCourse(
        f"no course here: neither {start} nor a folder above it holds a course.toml; change into"
        " the course, or make one: autograder new course"
    )


def own_course() -> Course:
    """The course that comes with the package: in an installed one in a folder of its own, in a
    checkout around it.
    """
    package = Path(__file__).parent
    inside = package / COMES_ALONG
    return Course(inside) if inside.is_dir() else find_course(package)


def read_assignment(course: Course, name: str) -> Assignment:
    """The assignment of this name, its tasks and points read from the released notebook's nbgrader
    metadata.

    Raises:
        UsageError: it is not released, or its notebook can't be read or gives no tasks.
    """
    path = course.template(name)
    if not valid_name(name) or not path.is_file():
        raise UsageError(_not_released(course, name))
    roles = [cell.get("metadata", {}).get("nbgrader", {}) for cell in _cells(path, name)]
    tasks = tuple(task for role in roles for task in _task(role))
    if not tasks:
        raise UsageError(f"{path}: no cell carries points, so there is nothing to grade")
    names = [task.id for task in tasks]
    if twice := next((task for task in names if names.count(task) > 1), None):
        raise UsageError(
            f"{path}:{_line_of(path, twice)}: a second cell carries the points of the task {twice}"
        )
    return Assignment(name, tasks, path, course.source(name))


def valid_name(name: str) -> bool:
    """Whether a student's or assignment's name can stand in a path and in nbgrader's patterns as
    itself.
    """
    return bool(_NAME.match(name)) and len(name.encode()) <= _LONGEST


def why_no_name(name: str) -> str:
    """What a student's name can't do, of one that is not valid."""
    if re.search(r"[\ud800-\udfff]", name):
        why = "hold bytes that are no UTF-8"
    elif re.search(r"[\0-\x1f\x7f-\x9f]", name):
        why = "hold a line break or another character that can't be seen"
    elif re.search(rf"[{_NONE}]", name):
        why = "hold any of / \\ * ? [ ] { } +"
    elif len(name.encode()) > _LONGEST:
        why = f"be longer than {_LONGEST} bytes"
    else:
        why = "start with a space or one of . ~ -"
    return f"a student's name can't {why}"


def _not_released(course: Course, name: str) -> str:
    if not valid_name(name):
        return unknown("assignment", name, course.assignments())
    path = course.template(name)
    if course.source(name).is_file():
        return f"{name} is not released: expected {path}; run: autograder release {name}"
    return f"{unknown('assignment', name, course.assignments())} (expected the notebook {path})"


def _cells(path: Path, name: str) -> Any:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = notebook["cells"]
        if notebook.get("nbformat") != 4:
            raise ValueError("no nbformat 4")
        if odd := next((at for at, cell in enumerate(cells, 1) if not _is_cell(cell)), None):
            raise ValueError(f"cell {odd} is none")
        return cells
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} is not a notebook ({error}); make it with: autograder release {name}"
        ) from None


def _is_cell(data: Any) -> bool:
    return (
        isinstance(data, dict)
        and data.get("cell_type") in {"code", "markdown", "raw"}
        and "source" in data
        and isinstance(data.get("metadata"), dict)
        and isinstance(data["metadata"].get("nbgrader", {}), dict)
    )


def _task(metadata: dict[str, Any]) -> list[Task]:
    if not metadata.get("grade"):
        written = metadata.get("task")
        return [Task(metadata["grade_id"], float(metadata["points"]), True)] if written else []
    manual = bool(metadata.get("solution"))
    name = str(metadata["grade_id"])
    return [
        Task(name if manual else name.removesuffix("_check"), float(metadata["points"]), manual)
    ]


def _line_of(path: Path, task: str) -> int:
    """The line of a notebook in which a task gets points for the second time."""
    said = re.compile(rf'"grade_id": "{re.escape(task)}(_check)?"')
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if said.search(line)][-1]


def _read_settings(path: Path) -> Settings:
    given, place = tables.read_toml(path)
    if not isinstance(given.get("secret_seed", ""), str):
        try:
            given["secret_seed"] = str(given["secret_seed"])  # a number will do as well
        except ValueError:
            raise UsageError(f"{place.inside('secret_seed')} has too many digits") from None
    if isinstance(given.get("backbone"), str):
        given["backbone"] = {"from": given["backbone"]}
    return tables.record(Settings, given, place)
