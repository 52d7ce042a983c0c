"""nbgrader as it comes, on a notebook whose check cells raise where a public check does not hold.

Of its settings only the time that a cell may take is raised: training does not fit into 30 s.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Course, own_course
from autograder.desk import place_labkit
from measures.classes import checked, handed_in, students, write
from measures.shell import BIN, Timed, run

CHECK = """\
import labkit.public

check = labkit.public.TASKS["{task}"]
for holds, claim, mistake in check.lines(*(globals()[name] for name in check.names)):
    assert holds, f"{{claim}}. {{mistake}}"
"""


def autograde(folder: Path, assignment: str, kind: str, size: int) -> dict[str, Any]:
    """`nbgrader autograde` and `nbgrader generate_feedback` from the shell."""
    root = make_course(folder, assignment, kind, size)
    empty = nbgrader(root, "autograde", "--help")
    first = nbgrader(root, "autograde", assignment, "--Execute.timeout=600")
    second = nbgrader(root, "generate_feedback", assignment)
    return {
        "submissions": size,
        "seconds": first.seconds + second.seconds,
        "startup_seconds": 2 * empty.seconds,
        "score": _share(root, assignment),
    }


def make_course(folder: Path, assignment: str, kind: str, size: int) -> Path:
    """A course folder of its own, the assignment entered, and the class handed in."""
    home, root = own_course(), folder / "stock"
    source = root / "source" / assignment
    notebook = nbformat.read(home.source(assignment), as_version=4)
    write(source / f"{assignment}.ipynb", with_checks(notebook))
    place_labkit(home, assignment, source)
    nbgrader(root, "generate_assignment", assignment)
    for student in students(size):
        _hand_in(root, home, assignment, kind, student)
    return root


def nbgrader(root: Path, *arguments: str) -> Timed:
    """One of its commands; without a configuration, the folder where it runs is the course."""
    return run(root, BIN / "nbgrader", *arguments)


def with_checks(notebook: Any) -> Any:
    """The notebook with the public checks in its check cells."""
    for cell in notebook.cells:
        if task := checked(cell):
            cell.source = CHECK.format(task=task)
    return notebook


def _hand_in(root: Path, home: Course, assignment: str, kind: str, student: str) -> None:
    path = root / "submitted" / student / assignment / f"{assignment}.ipynb"
    write(path, with_checks(handed_in(home, assignment, kind, student)))


def _share(root: Path, assignment: str) -> float:
    """The mean share of the points that need no person."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        grades = [
            grade
            for submission in gradebook.assignment_submissions(assignment)
            for notebook in submission.notebooks
            for grade in notebook.grades
            if grade.auto_score is not None
        ]
        most = sum(grade.max_score for grade in grades)
        return float(sum(grade.auto_score for grade in grades) / most)
