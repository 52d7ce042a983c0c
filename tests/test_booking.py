"""What has been entered is entered anew where lateness counts otherwise, and nothing is run or
judged again for it; what a person has marked stays marked.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from rich.console import Console
from toy import RIGHT, grade_here, grades, hand_in, toy_course

from autograder.cli.grade import grade_command
from autograder.course import Course, find_course, read_assignment
from autograder.grading.batch import Wish, grade
from autograder.grading.booking import feedback_page
from autograder.grading.gradebook import import_verdicts, set_due_date
from autograder.grading.grades import read_grades

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's use of it

DUE = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATE, PUNCTUAL = "lea", "pia"
HANDED_IN = {LATE: "2026-03-01 13:00:00 UTC", PUNCTUAL: "2026-03-01 11:00:00 UTC"}
A_POINT = """
from nbgrader.plugins import LateSubmissionPlugin

class APoint(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 1.0

c = get_config()
c.AssignLatePenalties.plugin_class = APoint
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Two have handed in, one of them late, and are entered; the written answers are marked."""
    course = toy_course(tmp_path_factory.mktemp("graded"))
    write_config(course, A_POINT)
    set_due_date(course, read_assignment(course, "toy"), DUE)
    for student, time in HANDED_IN.items():
        hand_in(course, student, RIGHT).with_name("timestamp.txt").write_text(time)
        grade_here(course, student)
    enter(course)
    with books(course) as gradebook:
        for student in HANDED_IN:
            mark(gradebook, student, "why", 4)
        mark(gradebook, LATE, "double_check", 6)
        gradebook.db.commit()
    enter(course)
    return course


@pytest.fixture
def course(graded: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A copy of their course."""
    shutil.copytree(graded.root, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return find_course(tmp_path)


def write_config(course: Course, lines: str) -> None:
    path = course.root / "nbgrader_config.py"
    text = path.read_text().partition("# the course's own\n")[0]
    path.write_text(f"{text}# the course's own\n{lines}")


def books(course: Course) -> Any:
    return Gradebook(f"sqlite:///{course.gradebook}")


def mark(gradebook: Any, student: str, cell: str, points: float) -> None:
    """What the formgrader does."""
    row = gradebook.find_grade(cell, "toy", "toy", student)
    row.manual_score, row.needs_manual_grade = points, False


def enter(course: Course) -> None:
    assert import_verdicts(course, read_assignment(course, "toy"), HANDED_IN) == {}


def explained() -> list[str]:
    return (
        CliRunner()
        .invoke(grade_command, ["--explain"], catch_exceptions=False)
        .output.split("\n")[:-1]
    )


def penalties(course: Course) -> dict[str, float]:
    return {name: grade.penalty for name, grade in read_grades(course, "toy").students.items()}


def stands(course: Course, student: str) -> dict[str, tuple[Any, bool]]:
    rows = grades(course, student).items()
    return {name: (row.manual_score, row.needs_manual_grade) for name, row in rows}


def dearer(course: Course) -> None:
    write_config(course, A_POINT.replace("1.0", "2.5"))


def another_method(course: Course) -> None:
    write_config(course, 'c = get_config()\nc.LateSubmissionPlugin.penalty_method = "zero"\n')


def later_due(course: Course) -> None:
    with books(course) as gradebook:  # as the formgrader's form does
        gradebook.update_or_create_assignment("toy", duedate="2026-03-02 12:00 UTC")


def extension(course: Course) -> None:
    with books(course) as gradebook:
        gradebook.grant_extension("toy", LATE, days=1)


def another_time(course: Course) -> None:
    stamp = course.submission("toy", LATE).with_name("timestamp.txt")
    stamp.write_text("2026-03-01 12:00:00 UTC")


TIME = "the time of handing in changed"
NOT_LATE = "how late it is changed, the late penalty changed, the points it is taken off changed"


@pytest.mark.parametrize(
    ("change", "why", "penalty"),
    [
        (dearer, "the late penalty changed", 2.5),
        (another_method, "the late penalty changed", 12),
        (later_due, NOT_LATE, 0),
        (extension, NOT_LATE, 0),
        (another_time, TIME, 0),
    ],
)
def test_what_lateness_costs_takes_effect_with_the_next_call(
    course: Course, change: Callable[[Course], None], why: str, penalty: float
) -> None:
    """By the plug-in, its settings, a due date, an extension, or the time of handing in; it is said
    beforehand, the page follows, and marks stand as they stood.
    """
    assert explained() == [f"toy, {student}: nothing to do" for student in HANDED_IN]
    assert penalties(course) == {LATE: 1, PUNCTUAL: 0}
    marks = {student: stands(course, student) for student in HANDED_IN}
    verdict = (course.run_dir("toy", LATE) / "verdict.json").stat().st_mtime_ns
    others = feedback_page(course, "toy", PUNCTUAL).stat().st_mtime_ns
    change(course)
    assert explained() == [
        f"toy, {LATE}: entered in the gradebook: {why}",
        f"toy, {PUNCTUAL}: nothing to do",
    ]
    assert why in read_grades(course, "toy").students[LATE].why
    grade(course, ["toy"], Wish(), Console(file=io.StringIO()))
    assert penalties(course) == {LATE: penalty, PUNCTUAL: 0}
    assert f"<b>{round(12 - penalty, 2):g}</b>" in feedback_page(course, "toy", LATE).read_text()
    assert {student: stands(course, student) for student in HANDED_IN} == marks
    assert (course.run_dir("toy", LATE) / "verdict.json").stat().st_mtime_ns == verdict
    assert feedback_page(course, "toy", PUNCTUAL).stat().st_mtime_ns == others
    assert explained() == [f"toy, {student}: nothing to do" for student in HANDED_IN]


def test_marks_made_by_hand_reach_the_page_with_the_next_call(course: Course) -> None:
    """Points and comments; what a late penalty is taken off is another then."""
    write_config(course, 'c = get_config()\nc.LateSubmissionPlugin.penalty_method = "zero"\n')
    enter(course)
    with books(course) as gradebook:
        mark(gradebook, LATE, "why", 5)
        gradebook.find_comment("why", "toy", "toy", PUNCTUAL).manual_comment = "Well put."
        gradebook.db.commit()
    assert explained() == [
        f"toy, {LATE}: entered in the gradebook: the points it is taken off changed",
        f"toy, {PUNCTUAL}: feedback page made anew: points, marks or comments changed",
    ]
    enter(course)
    assert penalties(course)[LATE] == 13
    assert "Well put." in feedback_page(course, "toy", PUNCTUAL).read_text()
    assert explained() == [f"toy, {student}: nothing to do" for student in HANDED_IN]


def test_who_hands_in_anew_is_looked_at_again(course: Course) -> None:
    """A mark was given for another answer; where the answers are the same, it stands."""
    hand_in(course, LATE, {**RIGHT, "why": "For another reason."})
    grade_here(course, LATE)
    enter(course)
    assert stands(course, LATE)["why"] == (4, True)
    assert not any(waits for _, waits in stands(course, PUNCTUAL).values())


def test_a_plug_in_that_can_not_be_had_is_told(course: Course) -> None:
    """In one line that says where it is named; what is entered stays."""
    write_config(course, 'c = get_config()\nc.AssignLatePenalties.plugin_class = "late.Rules"\n')
    (done,) = grade(course, ["toy"], Wish(), Console(file=io.StringIO()))
    assert any("c.AssignLatePenalties.plugin_class" in fault for fault in done.faults)
    write_config(course, A_POINT)
    assert penalties(course)[LATE] == 1
