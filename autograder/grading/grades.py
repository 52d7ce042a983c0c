"""Who has which grade, who waits for a person, and who has handed in nothing.

nbgrader's gradebook says it, since it alone knows what people have marked, late penalties and extra
credit; `runs/` and `submitted/` say who is not in it yet.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autograder.course import Course, read_assignment
from autograder.errors import UsageError
from autograder.grading.address import open_gradebook
from autograder.grading.gradebook import imported_digest
from autograder.grading.points import DIGITS
from autograder.grading.results import NEVER_RAN
from autograder.grading.stages import record_digest
from autograder.grading.wording import STATUSES
from autograder.records import Damaged, read_verdict

State = Literal["final", "waiting", "missing"]


@dataclass(frozen=True)
class Mark:
    """The points that the gradebook has for a task."""

    task: str
    score: float
    max_score: float


@dataclass(frozen=True)
class Grade:
    """A student's grade; only a final one may be given to anybody."""

    student: str
    state: State
    why: str = ""  # it waits
    points: float = 0.0  # before the late penalty
    penalty: float = 0.0
    marks: tuple[Mark, ...] = ()  # of a person, or of tasks that only a person can mark

    @property
    def score(self) -> float:
        """The grade: what the late penalty leaves of the points."""
        return round(max(0.0, self.points - self.penalty), DIGITS)


@dataclass(frozen=True)
class Grades:
    """All grades of an assignment, by student."""

    assignment: str
    max_score: float
    students: Mapping[str, Grade] = field(default_factory=dict)


def graded_assignments(course: Course) -> list[str]:
    """The assignments for which somebody has something in."""
    return [name for name in course.assignments() if course.students(name)]


def read_grades(course: Course, assignment: str) -> Grades:
    """The grades of everyone whom gradebook or `submitted/` know.

    Raises:
        UsageError: nobody is graded yet.
        FaultError: the gradebook does not work.
    """
    with open_gradebook(course) as gradebook:
        if gradebook is None:
            raise _nobody(assignment)
        return grades_in(gradebook, course, assignment)


def unmarked(course: Course, assignment: str) -> int:
    """How many written answers nobody has marked yet.

    Raises:
        FaultError: the gradebook does not work.
    """
    from nbgrader.api import MissingEntry

    written = {task.id for task in read_assignment(course, assignment).tasks if task.manual}
    with open_gradebook(course) as gradebook, contextlib.suppress(MissingEntry):
        if gradebook is not None:
            rows = _cells(gradebook, gradebook.find_assignment(assignment)).values()
            waiting = [cell for cells in rows for cell in cells if cell.needs_manual_grade]
            return sum(cell.name in written for cell in waiting)
    return 0


def grades_in(gradebook: Any, course: Course, assignment: str) -> Grades:
    """The same, from a gradebook that is open.

    Raises:
        UsageError: nobody is graded yet.
    """
    from nbgrader.api import MissingEntry

    written = {task.id for task in read_assignment(course, assignment).tasks if task.manual}
    try:
        entry = gradebook.find_assignment(assignment)
    except MissingEntry:
        raise _nobody(assignment) from None
    cells = _cells(gradebook, entry)
    entered = {
        student: _entered(
            course,
            assignment,
            Grade(student, "final", "", points or 0, late or 0),
            cells.get(student, []),
            written,
        )
        for student, points, late in _submissions(gradebook, entry)
    }
    found = {student.id: Grade(student.id, "missing") for student in gradebook.students}
    for student in course.students(assignment):
        if student not in entered:
            found[student] = _not_entered(course, assignment, student)
    return Grades(assignment, float(entry.max_score), dict(sorted({**found, **entered}.items())))


def _submissions(gradebook: Any, entry: Any) -> list[Any]:
    """Student, points and late penalty of each submission, in one question to the database."""
    from nbgrader.api import SubmittedAssignment

    columns = (
        SubmittedAssignment.student_id,
        SubmittedAssignment.score,
        SubmittedAssignment.late_submission_penalty,
    )
    asked = gradebook.db.query(*columns).filter(SubmittedAssignment.assignment_id == entry.id)
    return list(asked.all())


def _cells(gradebook: Any, entry: Any) -> dict[str, list[Any]]:
    """By student the rows of the cells that carry points, in one question too."""
    from nbgrader.api import BaseCell, Grade, SubmittedAssignment, SubmittedNotebook

    points = (Grade.score, Grade.max_score, Grade.manual_score, Grade.extra_credit)
    asked = (
        gradebook.db.query(
            SubmittedAssignment.student_id, BaseCell.name, *points, Grade.needs_manual_grade
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .filter(SubmittedAssignment.assignment_id == entry.id)
    )
    found: dict[str, list[Any]] = {}
    for row in asked.all():
        found.setdefault(row.student_id, []).append(row)
    return found


def _nobody(assignment: str) -> UsageError:
    return UsageError(
        f"nobody is graded yet in {assignment}; grade first: autograder grade {assignment}"
    )


def _not_entered(course: Course, assignment: str, student: str) -> Grade:
    """The grade of one who has handed in, and is not in the gradebook."""
    why = f"not graded yet (autograder grade {assignment})"
    try:
        verdict = read_verdict(course.run_dir(assignment, student) / "verdict.json")
    except (OSError, Damaged):
        return Grade(student, "waiting", why)
    if verdict.status in NEVER_RAN:
        why = " ".join([STATUSES[verdict.status], *verdict.remarks])
    return Grade(student, "waiting", why)


def _entered(
    course: Course, assignment: str, grade: Grade, cells: list[Any], written: set[str]
) -> Grade:
    """The grade with what people have marked, waiting where one still has to."""
    marks = tuple(
        Mark(_task(cell), float(cell.score), float(cell.max_score))
        for cell in cells
        if cell.name in written or cell.manual_score is not None or cell.extra_credit
    )
    waiting = [f"{_task(cell)}: {_why(cell, written)}" for cell in cells if cell.needs_manual_grade]
    why = "; ".join(waiting) or _why_behind(course, assignment, grade.student)
    state: State = "waiting" if why else "final"
    return dataclasses.replace(grade, state=state, why=why, marks=marks)


def _task(cell: Any) -> str:
    return str(cell.name).removesuffix("_check")


def _why(cell: Any, written: set[str]) -> str:
    if cell.manual_score is not None:
        return "marked by a person, then graded again: look again"
    return "not marked yet" if cell.name in written else "could not be judged"


def _why_behind(course: Course, assignment: str, student: str) -> str:
    """The gradebook may be without the last verdict: after a shard, or where it was locked."""
    known = imported_digest(course, assignment, student)
    verdict = course.run_dir(assignment, student) / "verdict.json"
    if not known or not verdict.is_file() or known == record_digest(course, assignment, student):
        return ""
    return f"the gradebook has an older verdict (autograder grade {assignment})"
