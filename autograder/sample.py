"""A course as a copy of another one, and a class of known submissions handed in there."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import nbformat

from autograder import tables
from autograder.course import (
    DEFAULT_SEED,
    Assignment,
    Course,
    find_course,
    read_assignment,
    valid_name,
)
from autograder.errors import UsageError
from autograder.files import write
from autograder.proofs.bank import read_recipe, submission
from autograder.rooms.limits import Limits
from autograder.showing import quoted, shown
from autograder.starter import STARTER
from autograder.tables import unknown

CLASS = "class.toml"  # in the bank; its recipes are named from the folder above
_PLACES = re.compile(r"^(graders|bank|attacks|labkit)\s*=.*\n", re.MULTILINE)
# what a reference solution holds for nbgrader, and the stub below it
_MARKERS = re.compile(
    r"^[ \t]*### BEGIN SOLUTION\n|\n[ \t]*### END SOLUTION(\n[ \t]*raise NotImplementedError.*)?$",
    re.MULTILINE,
)
_IGNORED = shutil.ignore_patterns("__pycache__", ".*")
# Whatever gradebook the course has, nobody in a copy gets into it.
_OWN_GRADEBOOK = """
from pathlib import Path  # this is a copy: its gradebook lies here

_here = Path(__file__).resolve().parent
get_config().CourseDirectory.db_url = f"sqlite:///{_here}/gradebook.db"  # type: ignore[name-defined]  # noqa: F821
"""  # noqa: E501

Special = Literal[
    "reference",
    "untouched",
    "unreadable",
    "reordered_cells",
    "missing_cells",
    "edited_locked_cells",
]


@dataclass(frozen=True)
class _Student:
    """What one student of a sample class hands in."""

    name: str
    recipe: str = ""
    special: Special = "reference"  # something that no recipe can say
    undone: tuple[str, ...] = ()  # tasks whose cells are left as they were released
    words: Mapping[str, str] = field(default_factory=dict)  # written answers, by task
    timestamp: Any = None  # when it was handed in; the due date where it is not said


@dataclass(frozen=True)
class _Class:
    """What a class.toml may say."""

    assignment: str
    due: Any = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    student: tuple[_Student, ...] = ()


def lay_out(home: Course, folder: Path, names: Iterable[str] | None = None) -> Course:
    """A copy of a course, each part at its usual place, with these of its assignments or all."""
    written = home.assignments() if names is None else list(names)
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("course.toml", "nbgrader_config.py"):
        own = home.root / name
        text = (own if own.is_file() else STARTER / name).read_text(encoding="utf-8")
        if name == "nbgrader_config.py":
            text += _OWN_GRADEBOOK
        write(folder / name, _PLACES.sub("", text).replace("SEED", DEFAULT_SEED))
    for part, place in (("graders", home.graders), ("bank", home.bank)):
        for name in written:
            _copy(place / name, folder / part / name)
    for name in written:
        _copy(home.source(name).parent, folder / "source" / name)
        _copy(home.template(name).parent, folder / "release" / name)
    _copy(home.attacks, folder / "attacks")
    _copy(home.labkit, folder / "labkit_course")
    return find_course(folder)


def make_class(home: Course, folder: Path, *, fresh: bool = False) -> Course:
    """A course folder with the sample class of a course in it; what is graded there already stays,
    so that again is quick.

    Raises:
        UsageError: the folder holds something else, or the class is not described as it should be.
    """
    from autograder.grading.gradebook import set_due_date

    if folder.exists() and any(folder.iterdir()) and not (folder / "submitted").is_dir():
        raise UsageError(
            f"{folder} holds something that is no sample class; name another place with --into"
        )
    described = home.bank / CLASS
    found = read_class(described)
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    course = lay_out(home, folder, [found.assignment])
    if found.limits:
        # [limits] is the last table of a course.toml
        text = (folder / "course.toml").read_text(encoding="utf-8")
        lines = "".join(f"{name} = {value}\n" for name, value in found.limits.items())
        write(folder / "course.toml", text + lines)
        course = find_course(folder)
    assignment = read_assignment(home, found.assignment)
    for student in found.student:
        _hand_in(home, course, assignment, student, found.due)
    if found.due is not None:
        set_due_date(course, read_assignment(course, found.assignment), found.due)
    return course


def read_class(path: Path) -> _Class:
    """The class in a class.toml.

    Raises:
        UsageError: it is not described as it should be.
    """
    found, place = tables.read_toml(path)
    described = tables.record(_Class, found, place)
    limits = place.inside("limits")
    for name, limit in described.limits.items():
        kinds = typing.get_type_hints(Limits)
        if name not in kinds:
            raise UsageError(f"{limits.inside(name)}: {unknown('limit', name, kinds)}")
        tables.value(kinds[name], limit, limits.inside(name))
    names = [described.assignment, *(student.name for student in described.student)]
    if odd := next((name for name in names if not valid_name(name)), None):
        raise UsageError(f"{path}: «{shown(odd)}» can't be the name of a folder")
    for when in (described.due, *(student.timestamp for student in described.student)):
        if when is not None and not isinstance(when, dt.datetime):
            raise UsageError(f"{path}: expected a date and a time, found {quoted(when)}")
    return described


def _copy(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=_IGNORED)


def _hand_in(
    home: Course, course: Course, assignment: Assignment, student: _Student, due: dt.datetime | None
) -> None:
    """Write one student's submission, unless just this one lies there already."""
    notebook = nbformat.read(assignment.source_path, as_version=4)
    released = nbformat.read(assignment.template_path, as_version=4)
    if student.recipe:
        recipe = read_recipe(home.bank.parent / student.recipe)
        notebook = submission(recipe, notebook if recipe.base == "reference" else released)
    _demand_written(student, assignment)
    reference = nbformat.read(assignment.source_path, as_version=4)
    stubs, solved = _sources(released.cells), _sources(reference.cells)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        rubric = cell.cell_type == "markdown" and cell.source == solved.get(name)
        if name in student.words:
            cell.source = student.words[name].strip()
        elif name in stubs and (name in student.undone or rubric):
            cell.source = stubs[name]
        cell.source = _MARKERS.sub("", cell.source)
    data = _SPECIAL[student.special](notebook, released)
    path = course.submission(assignment.name, student.name)
    if not path.exists() or path.read_bytes() != data:
        write(path, data)
    if (stamp := student.timestamp or due) is not None:
        write(path.with_name("timestamp.txt"), stamp.astimezone(dt.UTC).isoformat())


def _sources(cells: Iterable[Any]) -> dict[str, str]:
    """What stands in the cells that nbgrader knows."""
    roles = [(cell.metadata.get("nbgrader", {}), cell.source) for cell in cells]
    return {role["grade_id"]: source for role, source in roles if "grade_id" in role}


def _demand_written(student: _Student, assignment: Assignment) -> None:
    """A misspelt task would be answered by nobody."""
    written = [task.id for task in assignment.tasks if task.manual]
    for name in student.words:
        if name not in written:
            raise UsageError(f"{CLASS}: {student.name}: {unknown('written task', name, written)}")


def _as_it_is(notebook: Any, released: Any) -> bytes:  # noqa: ARG001
    data: str = nbformat.writes(notebook)
    return data.encode()


def _untouched(notebook: Any, released: Any) -> bytes:  # noqa: ARG001
    return _as_it_is(released, released)


def _unreadable(notebook: Any, released: Any) -> bytes:
    """An upload that broke off in the middle."""
    data = _as_it_is(notebook, released)
    return data[: len(data) // 2]


def _reordered_cells(notebook: Any, released: Any) -> bytes:
    """The solution cells swapped with their checks: somebody dragged them about."""
    cells = notebook.cells
    for index in range(len(cells) - 1):
        this, following = (
            cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells[index : index + 2]
        )
        if this and following == f"{this}_check":
            cells[index : index + 2] = cells[index + 1], cells[index]
    return _as_it_is(notebook, released)


def _missing_cells(notebook: Any, released: Any) -> bytes:
    """All check cells deleted."""
    notebook.cells = [cell for cell in notebook.cells if not _is_check(cell)]
    return _as_it_is(notebook, released)


def _edited_locked_cells(notebook: Any, released: Any) -> bytes:
    """All check cells replaced by one that claims success."""
    for cell in notebook.cells:
        if _is_check(cell):
            cell.source = "print('All checks passed.')"
    return _as_it_is(notebook, released)


def _is_check(cell: Any) -> bool:
    role = cell.metadata.get("nbgrader", {})
    return bool(role.get("grade") and not role.get("solution"))


_SPECIAL: dict[Special, Callable[[Any, Any], bytes]] = {
    "reference": _as_it_is,
    "untouched": _untouched,
    "unreadable": _unreadable,
    "reordered_cells": _reordered_cells,
    "missing_cells": _missing_cells,
    "edited_locked_cells": _edited_locked_cells,
}
