"""Where each student stands: what graders gave, and what the gradebook has made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.course import Task
from autograder.grading.grades import UNMARKED, Grade, Grades, Mark
from autograder.grading.points import DIGITS
from autograder.grading.results import NEVER_RAN
from autograder.records import TaskVerdict, Verdict

REASON_LIMIT = 240  # characters
NOT_GRADED, ABSENT = "not graded", "not handed in"


@dataclass(frozen=True)
class Cell:
    """A student's points for a task."""

    task: str
    max_score: float
    score: float | None = None  # None where nothing ran
    graders: float | None = None  # what graders gave; None for a written task too
    by_hand: bool = False
    waits: str = ""  # why a person has to look

    @property
    def kind(self) -> str:
        """How it is coloured."""
        if self.waits:
            return "held"
        if self.score is None:
            return "out"
        return "full" if self.score >= self.max_score else "some" if self.score > 0 else "none"

    @property
    def changed(self) -> bool:
        """Whether a person gave other points than the graders."""
        return self.by_hand and self.graders is not None and self.graders != self.score


@dataclass(frozen=True)
class Standing:
    """A student with all tasks."""

    student: str
    status: str
    cells: tuple[Cell, ...]
    penalty: float = 0.0  # for handing in late
    whys: tuple[str, ...] = ()  # a person has to look
    seconds: float = 0.0

    @property
    def ran(self) -> bool:
        """Whether there is anything to add up."""
        return any(cell.score is not None for cell in self.cells)

    @property
    def score(self) -> float:
        """The grade as far as it is decided: what the late penalty leaves of the points."""
        points = sum(cell.score or 0.0 for cell in self.cells)
        return round(max(0.0, points - self.penalty), DIGITS)

    @property
    def graders(self) -> float:
        """What graders gave."""
        return round(sum(cell.graders or 0.0 for cell in self.cells), DIGITS)

    @property
    def to_mark(self) -> int:
        """How many written answers are not marked yet."""
        return sum(cell.waits == UNMARKED for cell in self.cells)

    @property
    def share(self) -> float | None:
        """What it reaches of the points that are decided; None where none are."""
        most = sum(cell.max_score for cell in self.cells if cell.waits != UNMARKED)
        return self.score / most if self.ran and most else None


def standings(
    tasks: Sequence[Task],
    verdicts: Sequence[Verdict],
    problems: Mapping[str, str],
    grades: Grades | None,
) -> list[Standing]:
    """Everyone with a verdict, a problem or a place in the gradebook, by name; without `grades`
    with the points of graders only.
    """
    known = grades.students if grades else {}
    tasks = [task for task in tasks if grades or not task.manual]
    found = {one: _without(one, NOT_GRADED, tasks, (why,)) for one, why in problems.items()}
    for student, grade in known.items():
        if grade.state == "missing" and student not in found:
            found[student] = _without(student, ABSENT, tasks)
    for verdict in verdicts:
        one = _standing(verdict, tasks, known.get(verdict.student))
        problem = problems.get(verdict.student)  # it is not in the gradebook, say
        found[one.student] = replace(one, whys=(*one.whys, problem)) if problem else one
    return [found[student] for student in sorted(found)]


def mean(found: Sequence[Standing]) -> float:
    """In per cent, of those for whom something is decided."""
    shares = [one.share for one in found if one.share is not None]
    return 100 * sum(shares) / len(shares) if shares else 0.0


def not_in_it(found: Sequence[Standing]) -> dict[str, int]:
    """How many of each status no mean speaks of."""
    return dict(Counter(one.status for one in found if one.share is None))


def reasons(verdict: Verdict) -> list[str]:
    """Why a person has to look: a line for each task, with the first reason,
    or what was noticed where nothing ran.
    """
    held = {task.task: held_back(task) for task in verdict.tasks}
    return [why for why in held.values() if why] or list(verdict.remarks)


def held_back(task: TaskVerdict) -> str:
    """Why a task waits for a person, "" if it doesn't."""
    checks = [check for check in task.checks if check.ending == "broken"]
    if not checks:
        return ""
    found = checks[0].found
    if len(found) > REASON_LIMIT:
        found = f"{found[: REASON_LIMIT - 1]}…"
    others = f" (and {len(checks) - 1} more of its checks)" if len(checks) > 1 else ""
    return f"{task.task}, {checks[0].check}: {found}{others}"


def _without(
    student: str, status: str, tasks: Sequence[Task], whys: tuple[str, ...] = ()
) -> Standing:
    return Standing(student, status, tuple(Cell(task.id, task.points) for task in tasks), 0.0, whys)


def _standing(verdict: Verdict, tasks: Sequence[Task], grade: Grade | None) -> Standing:
    judged = {task.task: task for task in verdict.tasks}
    marks = {mark.task: mark for mark in grade.marks} if grade else {}
    nothing = verdict.status in NEVER_RAN
    cells = tuple(
        _cell(task, judged.get(task.id), marks.get(task.id), nothing=nothing) for task in tasks
    )
    whys = [cell.waits for cell in cells if cell.waits and cell.waits != UNMARKED]
    if nothing and not any(cell.by_hand for cell in cells):
        whys = list(verdict.remarks) or ["there is nothing that could be run"]
    penalty = grade.penalty if grade else 0.0
    return Standing(verdict.student, verdict.status, cells, penalty, tuple(whys), verdict.seconds)


def _cell(task: Task, judged: TaskVerdict | None, mark: Mark | None, *, nothing: bool) -> Cell:
    by_hand = mark is not None and mark.by_hand
    graders = None if nothing or judged is None else judged.score
    if nothing and not by_hand:
        return Cell(task.id, task.points)
    if mark is not None:
        waits = f"{task.id}: {mark.waits}" if mark.waits and mark.waits != UNMARKED else mark.waits
        score = None if mark.waits == UNMARKED else mark.score
        return Cell(task.id, task.points, score, graders, by_hand, waits)
    waits = held_back(judged) if judged else UNMARKED if task.manual else ""
    return Cell(task.id, task.points, graders, graders, by_hand=False, waits=waits)
