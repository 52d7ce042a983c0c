"""The class report and the numbers in it."""

import dataclasses
from pathlib import Path

from bs4 import BeautifulSoup

from autograder.course import Assignment, Task
from autograder.grading.report import Known, write_report
from autograder.grading.results import percent, results, weakest
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
