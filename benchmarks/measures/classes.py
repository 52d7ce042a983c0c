"""Classes that hand in the reference solution, whole or with nothing trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Course, own_course
from autograder.sample import lay_out

# the tasks that train a network; all others define one, or compute a number
TRAIN = {
    "residual_networks": ("train_classifier",),
    "functional_api": ("train_localizer",),
    "transfer_learning": ("feature_classifier", "fine_tuned"),
    "capstone": ("fair_model",),
}
UNDONE, REFERENCE = KINDS = ("nothing trained", "all reference")


def make_class(folder: Path, assignment: str, kind: str, size: int) -> Course:
    """A copy of our course with one assignment, handed in by so many students."""
    course = lay_out(own_course(), folder, [assignment])
    for student in students(size):
        write(course.submission(assignment, student), handed_in(course, assignment, kind, student))
    return course


def students(size: int) -> list[str]:
    """Their names, in the order in which they are graded."""
    return [f"student{number:04}" for number in range(size)]


def handed_in(course: Course, assignment: str, kind: str, student: str) -> Any:
    """What a student hands in; no two submissions are the same text."""
    notebook = nbformat.read(course.source(assignment), as_version=4)
    stubs = nbformat.read(course.template(assignment), as_version=4).cells
    undone = TRAIN[assignment] if kind == UNDONE else ()
    for cell, stub in zip(notebook.cells, stubs, strict=True):
        if name(cell) in undone:
            cell.source = stub.source
        elif is_own(cell):
            cell.source += f"\n# {student}"
    return notebook


def name(cell: Any) -> str:
    """What nbgrader calls a cell."""
    return str(role(cell).get("grade_id", ""))


def role(cell: Any) -> Any:
    """What nbgrader knows of a cell."""
    return cell.metadata.get("nbgrader", {})


def is_own(cell: Any) -> bool:
    """Whether it is a student's code."""
    return cell.cell_type == "code" and bool(role(cell).get("solution"))


def checked(cell: Any) -> str:
    """The task whose check it is, if it is one."""
    is_check = cell.cell_type == "code" and role(cell).get("grade") and not is_own(cell)
    return name(cell).removesuffix("_check") if is_check else ""


def write(path: Path, notebook: Any) -> Path:
    """The notebook as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path
