"""The sample class: known submissions, handed in and graded as a real class would be."""

from __future__ import annotations

import datetime as dt
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import nbformat

from autograder.bank import read_recipe, submission
from autograder.course import Course, find_course, read_assignment
from autograder.errors import UsageError

CLASS = Path("tests") / "class" / "class.toml"
SHARED = ("nbgrader_config.py", "course.toml")
_KEYS = {"name", "recipe", "special", "undone", "timestamp"}


@click.command("demo")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the class is made [demo/].",
)
@click.option("--fresh", is_flag=True, help="Begin anew, forgetting what is graded already.")
@click.option(
    "--jobs", type=click.IntRange(1), metavar="N", help="Submissions at a time [as in course.toml]."
)
def demo_command(into: Path | None, *, fresh: bool, jobs: int | None) -> None:
    """Grade the sample class that comes with the course.

    It is a course folder of its own, with everything in it that a graded class leaves. Its
    submissions are known, so they are run whatever the isolation of the rooms is; the report says
    what it was.
    """
    from rich.console import Console

    from autograder.grade import Wish, grade, places, show

    home = find_course(Path.cwd())
    folder = (into or home.root / "demo").resolve()
    course = make_class(home, folder, fresh=fresh)
    names = [name for name in course.assignments() if course.students(name)]
    console = Console()
    graded = grade(course, names, Wish(jobs=jobs or course.jobs, trust=True), console)
    for one in graded:
        show(one, console)
    for name, place in places(course, graded):
        console.print(f"{name}: {place}", soft_wrap=True, highlight=False)
    if any(one.problems for one in graded):  # that some need a person is part of the sample
        raise SystemExit(1)


def make_class(home: Course, folder: Path, *, fresh: bool = False) -> Course:
    """The course folder with the sample class in it;
    what is graded there already stays, so that again is quick.

    Raises:
        UsageError: the folder holds something else, or the class is not described as it should be.
    """
    from autograder.gradebook import set_due_date

    if folder.exists() and any(folder.iterdir()) and not (folder / "submitted").is_dir():
        raise UsageError(
            f"{folder} holds something that is no sample class; name another place with --into"
        )
    if not (home.root / CLASS).is_file():
        raise UsageError(f"there is no sample class: {home.root / CLASS} does not exist")
    given = tomllib.loads((home.root / CLASS).read_text(encoding="utf-8"))
    name, due = given["assignment"], given.get("due")
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    for part in SHARED:
        if (home.root / part).is_file():
            shutil.copy(home.root / part, folder / part)
    # [limits] is its last table
    with (folder / "course.toml").open("a", encoding="utf-8") as settings:
        settings.writelines(
            f"{limit} = {value}\n" for limit, value in given.get("limits", {}).items()
        )
    for part in ("source", "release"):
        shutil.copytree(home.root / part / name, folder / part / name, dirs_exist_ok=True)
    course = find_course(folder)
    for student in given["student"]:
        _hand_in(home, course, name, student, due)
    if due is not None:
        set_due_date(course, read_assignment(course, name), due)
    return course


def _hand_in(
    home: Course, course: Course, assignment: str, student: dict[str, Any], due: dt.datetime | None
) -> None:
    """Write one student's submission, unless just this one lies there already."""
    strange = set(student) - _KEYS | {student.get("special", "reference")} - set(_SPECIAL)
    if strange:
        raise UsageError(
            f"{home.root / CLASS}: {student['name']} has {', '.join(strange)}, "
            "which means nothing here"
        )
    found = read_assignment(home, assignment)
    notebook = nbformat.read(found.source_path, as_version=4)
    released = nbformat.read(found.template_path, as_version=4)
    if "recipe" in student:
        recipe = read_recipe(home.root / "tests" / student["recipe"])
        notebook = submission(recipe, notebook if recipe.base == "reference" else released)
    stubs = {
        cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in released.cells
    }
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in student.get("undone", ()):
            cell.source = stubs[cell.metadata.nbgrader.grade_id]
    data = _SPECIAL[student.get("special", "reference")](notebook, released)
    path = course.submission(assignment, student["name"])
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)
    if (stamp := student.get("timestamp", due)) is not None:
        path.with_name("timestamp.txt").write_text(
            stamp.astimezone(dt.UTC).isoformat(), encoding="ascii"
        )


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


_SPECIAL: dict[str, Callable[[Any, Any], bytes]] = {
    "reference": _as_it_is,
    "untouched": _untouched,
    "unreadable": _unreadable,
    "reordered_cells": _reordered_cells,
    "missing_cells": _missing_cells,
    "edited_locked_cells": _edited_locked_cells,
}
