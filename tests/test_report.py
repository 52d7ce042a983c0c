"""The class report and the numbers in it."""

import dataclasses
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from scipy.stats import pointbiserialr  # type: ignore[import-untyped]

from autograder.course import Assignment, Task
from autograder.grading.items import items
from autograder.grading.points import points_by_check
from autograder.grading.report import Known, write_report
from autograder.grading.results import percent, results, weakest
from autograder.grading.seen import changes, first_seen
from autograder.records import Check, Status, TaskVerdict, Verdict

ASSIGNMENT = Assignment("toy", (Task("add", 10.0, manual=False),), Path("t.ipynb"), Path("s.ipynb"))


def verdict(student: str, score: float, status: Status = "graded", **check: str) -> Verdict:
    """A student's verdict with one check in one task."""
    ending = "broken" if status == "needs_review" else "passed" if score == 10 else "failed"
    found = Check("sum", ending, 1.0, "It adds.", **check)  # type: ignore[arg-type]
    return Verdict(
        "toy",
        student,
        "k",
        status,
        "strong",
        score,
        10.0,
        2.0,
        (TaskVerdict("add", score, 10.0, (found,)),),
    )


def page(tmp_path: Path, *verdicts: Verdict, problems: dict[str, str] | None = None) -> str:
    """The text of the report on them."""
    write_report(tmp_path / "report.html", ASSIGNMENT, verdicts, Known(problems))
    soup = BeautifulSoup((tmp_path / "report.html").read_text(), "html.parser")
    return soup.get_text(" ", strip=True)


def test_students_tasks_and_figures_are_in_it(tmp_path: Path) -> None:
    """Mean and median are those of the submissions that could be run."""
    text = page(
        tmp_path,
        verdict("alice", 10),
        verdict("bob", 4),
        verdict("carol", 4),
        verdict("dan", 0, "unreadable"),
    )
    for part in (
        "4 submissions",
        "60 % mean",
        "40 % median",
        "alice graded 10",
        "1 need a person",
        "strong isolation",
    ):
        assert part in text


def test_incidents_are_told_once(tmp_path: Path) -> None:
    """In a section of their own, escaped; what the student reads too is not repeated."""
    one = dataclasses.replace(
        verdict("alice", 10),
        remarks=("a given cell was put back", "it ran out of memory"),
        incidents=("it ran out of memory", "looked for <b>data</b>"),
    )
    text = page(tmp_path, one, verdict("bob", 4))
    kept_in, put_right = text.index("What rooms kept in"), text.index("Put right in submissions")
    assert text.count("it ran out of memory") == 1
    assert kept_in < text.index("looked for <b>data</b>") < put_right
    assert put_right < text.index("a given cell was put back")


def test_a_class_without_incidents_is_told_nothing(tmp_path: Path) -> None:
    """No empty tables."""
    assert "What rooms kept in" not in page(tmp_path, verdict("alice", 10))


def test_misconceptions_are_counted_by_students(tmp_path: Path) -> None:
    """With the hint, and who made them."""
    wrong = {"misconception": "adds_twice", "hint": "Once is enough."}
    class_ = [
        verdict("alice", 0, "graded", **wrong),
        verdict("bob", 0, "graded", **wrong),
        verdict("carol", 10),
    ]
    text = page(tmp_path, *class_)
    assert "2 add adds twice Once is enough. alice, bob" in text
    assert "2 of 3 add It adds." in text


def test_who_waits_for_a_person_and_why_stands_first(tmp_path: Path) -> None:
    """An instructor may read our errors in full."""
    problems = {"erin": "not graded: a room did not open"}
    text = page(
        tmp_path, verdict("alice", 0, "needs_review", found="KeyError: 3"), problems=problems
    )
    assert "alice needs review add, sum: KeyError: 3" in text
    assert "erin not graded not graded: a room did not open" in text


def test_everything_is_escaped_and_nothing_runs(tmp_path: Path) -> None:
    """Names of students and texts of checks are theirs."""
    evil = "<script>alert(1)</script>"
    page(
        tmp_path,
        verdict(evil, 0, misconception=evil, hint=evil),
        verdict("x", 0, "needs_review", found=evil),
    )
    html = (tmp_path / "report.html").read_text()
    assert "<script" not in html
    assert html.count("&lt;script&gt;alert(1)") >= 4
    assert "default-src 'none'" in html


def test_an_empty_class_is_a_page_too(tmp_path: Path) -> None:
    """Nothing divides by the number of students."""
    assert "0 submissions" in page(tmp_path)


def test_results_say_the_weakest_isolation_under_which_anything_ran() -> None:
    """One open room is enough to doubt a class."""
    assert weakest(
        ["strong", "reduced: no memory limit", "not needed: nothing was executed"]
    ).startswith("reduced")
    assert weakest(["strong", "none"]) == "none"
    assert results("toy", [verdict("alice", 10)])["isolation"] == "strong"


def test_percent_is_the_mean_of_those_that_ran() -> None:
    """A file that can't be read says nothing about the class."""
    assert percent([verdict("alice", 10), verdict("bob", 0, "unreadable")]) == 100.0


def class_of(passed: int, failed: int, **check: object) -> list[Verdict]:
    """Verdicts with a check that those with more points pass, and one that all do."""
    found = []
    for at in range(passed + failed):
        good = at < passed
        score = 10.0 - at * 0.5
        checks = (
            Check("sum", "passed" if good else "failed", 1.0, "It adds.", **check),  # type: ignore[arg-type]
            Check("kind", "passed", 1.0, "It is a number."),
            Check("rest", "passed" if score > 5 else "failed", 8.0, "It does the rest."),
        )
        task = TaskVerdict("add", score, 10.0, checks)
        found.append(dataclasses.replace(verdict(f"s{at:02}", score), tasks=(task,)))
    return found


def test_a_check_is_as_hard_as_few_pass_it_and_tells_apart_whom_the_others_do() -> None:
    """The corrected item-total correlation, as SciPy works it out from the points of the others."""
    class_ = class_of(9, 3)
    found = {one.check: one for one in items(class_)}
    passed = [task.checks[0].ending == "passed" for one in class_ for task in one.tasks]
    rest = [
        one.score - (share.score if share else 0)
        for one in class_
        for share in points_by_check(one.tasks[0])[:1]
    ]
    assert found["sum"].difficulty == 0.75
    assert found["sum"].discrimination == pytest.approx(pointbiserialr(passed, rest).statistic)
    assert found["kind"].discrimination is None  # all alike
    assert [one.discrimination for one in items(class_of(6, 3))] == [None] * 3  # too few


def test_what_is_odd_about_a_check_is_said(tmp_path: Path) -> None:
    """Nobody passes it, nobody fails it, it rests on a report of the student's own process."""
    text = page(tmp_path, *class_of(0, 3, reported=True))
    assert "3 of 3 add It adds. 3 failed 0.00 – nobody passes ; on a report" in text
    assert "2 checks that nobody fails add: It is a number." in text
    assert "rest on what our code saw inside the student's own process" in text
    held = [verdict("alice", 0, "needs_review"), verdict("bob", 10)]
    assert "0 of 2 add It adds. 1 passed, 1 held back 1.00 –" in page(tmp_path, *held)


def test_the_mean_says_who_is_in_it(tmp_path: Path) -> None:
    """What could not be run has no points, and no zeros."""
    text = page(tmp_path, verdict("alice", 10), verdict("dan", 0, "unreadable"))
    assert "Mean and median are of the 1 that could be run. Not in them: 1 unreadable." in text
    assert "dan unreadable – –" in text


def test_changes_are_told_by_task() -> None:
    """What ends otherwise now, and what that brings; a like verdict changes nothing."""
    before, after = class_of(0, 1)[0], class_of(1, 0)[0]
    after = dataclasses.replace(after, tasks=(dataclasses.replace(after.tasks[0], score=12.0),))
    seen = changes(first_seen([before]), [after, verdict("new", 10)])
    assert [(one.student, one.points, one.lines) for one in seen.fresh] == [
        ("s00", 2.0, ("add +2: sum passes now",))
    ]
    again = changes(seen.history, [after])
    assert again.fresh == ()
    assert [one.lines for one in again.last] == [("add +2: sum passes now",)]
    torn = dataclasses.replace(verdict("s00", 0, "unreadable"), tasks=())
    assert changes(seen.history, [torn]).fresh[0].lines == ("graded, now unreadable",)
