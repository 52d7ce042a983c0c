"""Who has which grade, who waits for a person, and who has handed in nothing.

nbgrader's gradebook says it, since it alone knows what people have marked, late penalties and extra
credit; `runs/` and `submitted/` say who is not in it yet.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from autograder.course import Course, read_assignment
from autograder.errors import FaultError, UsageError
from autograder.faults import of_gradebook
from autograder.grading.gradebook import course_directory, imported_digest, nbgrader_config
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
    from nbgrader.api import Gradebook

    config = nbgrader_config(course)
    directory = course_directory(course, config)
    place = directory.db_url.removeprefix("sqlite:///")
    if place != directory.db_url and not (course.root / place).is_file():
        raise _nobody(assignment)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # nbgrader's, about its own use of SQLAlchemy
            with Gradebook(directory.db_url, directory.course_id) as gradebook:
                return grades_in(gradebook, course, assignment)
    except Exception as error:
        if fault := of_gradebook(error, place, course.root):
            raise FaultError(fault) from None
        raise


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
    found = {student.id: Grade(student.id, "missing") for student in gradebook.students}
    found |= {name: _not_entered(course, assignment, name) for name in course.students(assignment)}
    for submission in gradebook.assignment_submissions(assignment):
        found[submission.student.id] = _entered(course, submission, written)
    return Grades(assignment, float(entry.max_score), dict(sorted(found.items())))


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


def _entered(course: Course, submission: Any, written: set[str]) -> Grade:
    assignment, student = submission.assignment.name, submission.student.id
    rows = [row for notebook in submission.notebooks for row in notebook.grades]
    penalty = float(submission.late_submission_penalty or 0.0)
    points = float(submission.score or 0.0)
    marks = tuple(
        Mark(_task(row), float(row.score), float(row.max_score))
        for row in rows
        if row.name in written or row.manual_score is not None or row.extra_credit
    )
    waiting = [f"{_task(row)}: {_why(row, written)}" for row in rows if row.needs_manual_grade]
    why = "; ".join(waiting) or _why_behind(course, assignment, student)
    return Grade(student, "waiting" if why else "final", why, points, penalty, marks)


def _task(row: Any) -> str:
    return str(row.name).removesuffix("_check")


def _why(row: Any, written: set[str]) -> str:
    if row.manual_score is not None:
        return "marked by a person, then graded again: look again"
    return "not marked yet" if row.name in written else "could not be judged"


def _why_behind(course: Course, assignment: str, student: str) -> str:
    """The gradebook may be without the last verdict: after a shard, or where it was locked."""
    known = imported_digest(course, assignment, student)
    verdict = course.run_dir(assignment, student) / "verdict.json"
    if not known or not verdict.is_file() or known == record_digest(course, assignment, student):
        return ""
    return f"the gradebook has an older verdict (autograder grade {assignment})"
