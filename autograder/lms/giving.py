"""Grades given back: a file for each system, and who is not in it; all are made before the first is
written.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.course import Course, read_assignment
from autograder.errors import UsageError
from autograder.files import demand_place, demand_writable, write_all
from autograder.grading.booking import feedback_page
from autograder.grading.grades import Grade, Grades
from autograder.grading.points import DIGITS, points_by_check
from autograder.grading.stages import stored_verdict
from autograder.lms.canvas import fill_canvas
from autograder.lms.filling import Wish
from autograder.lms.gradescope import Visibility, gradescope_results
from autograder.lms.moodle import feedback_zip, fill_moodle
from autograder.lms.roster import Roster
from autograder.lms.sheets import new_sheet, read_sheet
from autograder.records import Verdict
from autograder.showing import shown
from autograder.tables import unknown

COLUMNS = (
    *("assignment", "student", "score", "max_score", "late_penalty"),
    *("task", "task_score", "task_max_score", "by_person"),
    *("check", "ending", "weight", "points", "max_points", "misconception"),
    *("sentence", "expected", "found"),
)
# what our feedback page says at its top, and whether something waits there
_TOTAL = re.compile(r'<p class="total"><b>([-0-9.]+)</b>.*?(class="waits".*?)?</p>', re.DOTALL)
_NEAR = 0.006  # points; a page has two digits


@dataclass(frozen=True)
class Given:
    """What is to be written where, and who is not in it."""

    path: Path
    entered: int  # students
    left: Mapping[str, str] = field(default_factory=dict)  # the reason, by student
    absent: tuple[str, ...] = ()
    files: Mapping[Path, str | bytes] = field(default_factory=dict)
    gone: tuple[Path, ...] = ()  # what an earlier call may have given, and is not given any more


def for_canvas(
    course: Course, grades: Grades, file: Path, to: Path | None, roster: Roster | None, wish: Wish
) -> Given:
    """The gradebook that Canvas has exported, filled in.

    Raises:
        UsageError: it can't be.
    """
    titles = (grades.assignment, _title(course, grades.assignment))
    data, filled = fill_canvas(read_sheet(file), titles, grades, roster, wish)
    to = to or _beside(file)
    return Given(to, len(filled.fields), filled.left, filled.absent, {to: data})


def for_moodle(
    course: Course,
    grades: Grades,
    file: Path,
    to: Path | None,
    roster: Roster | None,
    wish: Wish,
    feedback: Path | None = None,
) -> Given:
    """Moodle's grading worksheet, filled in; and a zip of the feedback pages, if wanted.

    Raises:
        UsageError: it can't be.
    """
    sheet, to = read_sheet(file), to or _beside(file)
    data, filled = fill_moodle(sheet, grades, roster, wish)
    left, files = dict(filled.left), {to: data}
    if feedback is not None:
        pages = {}
        for row in filled.fields:
            grade = grades.students.get(filled.students.get(row, ""))
            if grade is None or grade.state != "final":
                continue
            pages[row] = feedback_page(course, grades.assignment, grade.student)
            if why := _why_no_page(pages[row], grade):
                left[grade.student] = f"{why}: autograder grade {grades.assignment}"
                del pages[row]
        files[feedback] = feedback_zip(sheet, pages)
    return Given(to, len(filled.fields), left, filled.absent, files)


def for_gradescope(
    course: Course, grades: Grades, to: Path, wish: Wish, visibility: Visibility = "visible"
) -> Given:
    """A results.json for each student, in a folder of the student's; of those left out none."""
    final, left, absent = _verdicts(course, grades, wish)
    files = {}
    for grade, verdict in final:
        data = gradescope_results(
            verdict, visibility=visibility, marks=grade.marks, penalty=grade.penalty
        )
        text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)
        files[to / grade.student / "results.json"] = f"{text}\n"
    gone = tuple(to / student / "results.json" for student in (*left, *absent))
    return Given(to, len(files), left, absent, files, gone)


def for_csv(course: Course, grades: Grades, to: Path, wish: Wish) -> Given:
    """A CSV file with a row for each check, and one for each task that only a person marks."""
    final, left, absent = _verdicts(course, grades, wish)
    rows = [
        [grades.assignment, grade.student, grade.score, grades.max_score, grade.penalty, *row]
        for grade, verdict in final
        for row in _csv_rows(grade, verdict)
    ]
    return Given(to, len(final), left, absent, {to: new_sheet(to, COLUMNS, rows)})


def write_given(given: Sequence[Given], inputs: Iterable[Path]) -> None:
    """Write the files, each whole; those that came stay as they are.

    Raises:
        UsageError: two would be written to one place, or one over a file that came.
        OSError: nothing can be written to one of the places. In both cases nothing is.
    """
    files = {path: data for one in given for path, data in one.files.items()}
    gone = [path for one in given for path in one.gone]
    _demand_apart([path for one in given for path in one.files], inputs)
    for path in (*files, *gone):
        demand_place(path)
    for folder in sorted({path.absolute().parent for path in files}):
        demand_writable(folder)
    write_all(files)
    for path in gone:
        path.unlink(missing_ok=True)


def told_lines(given: Sequence[Given]) -> Iterator[str]:
    """What was written, and who is not in it, by the reason."""
    for one in given:
        yield f"{one.path}: {one.entered} student{'' if one.entered == 1 else 's'}"
        reasons: dict[str, list[str]] = {}
        for who, why in one.left.items():
            reasons.setdefault(why, []).append(who)
        for why, people in reasons.items():
            yield f"  left out, {len(people)}: {shown(why, 300)}: {_listed(people)}"
        if one.absent:
            yield f"  no grade, {len(one.absent)}: handed in nothing: {_listed(one.absent)}"


def demand_students(grades: Grades, students: tuple[str, ...]) -> None:
    """Stop where a student is named whom nobody knows.

    Raises:
        UsageError: one is.
    """
    for student in students:
        if student not in grades.students:
            raise UsageError(unknown("student", student, list(grades.students)))


def _demand_apart(paths: Sequence[Path], inputs: Iterable[Path]) -> None:
    """See that each file has a place of its own, and none lies below another.

    Raises:
        UsageError: it is otherwise.
    """
    taken = {file.resolve() for file in inputs}
    for path in paths:
        if path.resolve() in taken:
            raise UsageError(f"{path} is another file of this call: name one to write to")
        taken.add(path.resolve())
    for path in paths:
        if not taken.isdisjoint(path.resolve().parents):
            raise UsageError(f"{path} lies below another file of this call: name another place")


def _verdicts(
    course: Course, grades: Grades, wish: Wish
) -> tuple[list[tuple[Grade, Verdict]], dict[str, str], tuple[str, ...]]:
    """The final grades with the verdicts they rest on; who is left out and why; who is absent."""
    wanted = [
        grade
        for grade in grades.students.values()
        if not wish.students or grade.student in wish.students
    ]
    final, left = list[tuple[Grade, Verdict]](), dict[str, str]()
    for grade in wanted:
        if grade.state == "waiting":
            left[grade.student] = f"waits for a person: {grade.why}"
        elif grade.state == "final":
            try:
                verdict = stored_verdict(course, grades.assignment, grade.student)
            except UsageError as error:
                left[grade.student] = str(error)
                continue
            if abs(_reached(grade, verdict) - grade.points) < _NEAR:
                final.append((grade, verdict))
            else:
                left[grade.student] = (
                    "checks and gradebook come to different points: autograder grade"
                    f" {grades.assignment}"
                )
    return final, left, tuple(grade.student for grade in wanted if grade.state == "missing")


def _reached(grade: Grade, verdict: Verdict) -> float:
    """The points of the verdict with a person's marks in it."""
    scores = {task.task: task.score for task in verdict.tasks}
    return sum({**scores, **{mark.task: mark.score for mark in grade.marks}}.values())


def _listed(people: Iterable[str]) -> str:
    return "; ".join(map(shown, sorted(people)))  # a name may hold a comma


def _csv_rows(grade: Grade, verdict: Verdict) -> Iterator[list[object]]:
    marks = {mark.task: mark for mark in grade.marks}
    for task in verdict.tasks:
        mark = marks.pop(task.task, None)
        score = task.score if mark is None else round(mark.score, DIGITS)
        head = [task.task, score, task.max_score, "yes" if mark else "no"]
        for check, share in zip(task.checks, points_by_check(task), strict=True):
            counts = share is not None and mark is None
            yield [
                *head,
                check.check,
                check.ending,
                check.weight,
                share.score if share and counts else "",
                share.max_score if share and counts else "",
                check.misconception or "",
                check.sentence,
                check.expected,
                check.found,
            ]
        if not task.checks:
            yield [*head, *[""] * (len(COLUMNS) - 9)]
    for mark in marks.values():
        head = [mark.task, round(mark.score, DIGITS), mark.max_score, "yes"]
        yield [*head, *[""] * (len(COLUMNS) - 9)]


def _why_no_page(page: Path, grade: Grade) -> str:
    """Why a feedback page can't be given back; a person may have marked since it was made."""
    if not page.is_file():
        return "the grade is in, but there is no feedback page"
    text = page.read_text(encoding="utf-8", errors="replace")
    total = _TOTAL.search(text)
    old = total and (total[2] or abs(max(0.0, float(total[1])) - grade.score) > _NEAR)
    return "the grade is in, but the feedback page has older marks" if old else ""


def _beside(file: Path) -> Path:
    return file.with_name(f"{file.stem}.filled{file.suffix}")


def _title(course: Course, assignment: str) -> str:
    """The first heading of the released notebook."""
    notebook = nbformat.read(read_assignment(course, assignment).template_path, as_version=4)
    texts = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = re.search(r"^#\s+(.+?)\s*$", texts, re.MULTILINE)
    return found[1] if found else assignment
