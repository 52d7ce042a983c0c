"""What all submissions of one assignment have in common, opened once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Assignment, Course, read_assignment
from autograder.data.prepared import prepared, use
from autograder.desk import desk
from autograder.errors import UsageError
from autograder.judge.hidden_side import HiddenSide, read_hidden_side
from autograder.submissions.leaning import check_wishes


@dataclass(frozen=True, eq=False)
class Bench:
    """An assignment, ready to be graded."""

    course: Course
    assignment: Assignment
    template: Any  # the released notebook
    hidden: HiddenSide
    desk: Path  # labkit, and what lies beside the notebook

    @property
    def name(self) -> str:
        """The assignment's."""
        return self.assignment.name

    def run_dir(self, student: str) -> Path:
        """Where a student's files between the stages lie."""
        return self.course.run_dir(self.name, student)

    def lock_place(self, student: str) -> Path:
        """What is locked by who has the student's submission in hand."""
        return self.course.runs / ".locks" / self.name / student


def open_bench(course: Course, name: str) -> Bench:
    """Read everything that grading this assignment takes.

    Raises:
        UsageError: it is not released, or its hidden folder is not as it should be.
    """
    assignment = read_assignment(course, name)
    place = desk(course, name)
    use({"desk": place, "data": prepared(course)})  # graders import labkit
    hidden = read_hidden_side(course.graders / name)
    for task in assignment.points:
        if task not in hidden.graders:
            raise UsageError(
                f"no grader for the task «{task}» of {name}: expected {hidden.folder / task}.py"
            )
    template = nbformat.read(assignment.template_path, as_version=4)
    check_wishes(template, assignment.template_path)
    return Bench(course, assignment, template, hidden, place)
