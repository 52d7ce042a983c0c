"""What people mark by hand is in report, results, screen and feedback, as soon as it is there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from nbgrader.api import Gradebook
from toy import RIGHT, grade_here, grades, hand_in, toy_course

import autograder.grading.results as module
from autograder.cli.main import main
from autograder.course import Course, read_assignment
from autograder.grading.booking import feedback_page
from autograder.grading.gradebook import import_verdicts
from autograder.grading.grades import read_grades
from autograder.records import read_verdict, to_json

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

SCHEMA = json.loads(Path(module.__file__).with_name("results.schema.json").read_text())


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Two students who are graded; ann is marked by hand, and was late."""
    course = toy_course(tmp_path_factory.mktemp("class"))
    for student in ("ann", "bob"):
        hand_in(course, student, RIGHT)
        grade_here(course, student)
    assert import_verdicts(course, read_assignment(course, "toy"), ["ann", "bob"]) == {}
    mark(course, "double_check", manual_score=6, extra_credit=0.5)
    mark(course, "why", manual_score=3)
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        notebook = gradebook.find_submission_notebook("toy", "toy", "ann")
        notebook.late_submission_penalty = 2
        gradebook.db.commit()
    return course


@pytest.fixture
def course(graded: Course, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """The same, to call commands in."""
    monkeypatch.chdir(graded.root)
    yield graded
    mark(graded, "double_check", manual_score=6, extra_credit=0.5)


def mark(course: Course, cell: str, **marks: float) -> None:
    """What the formgrader does."""
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        row = gradebook.find_grade(cell, "toy", "toy", "ann")
        for name, value in marks.items():
            setattr(row, name, value)
        row.needs_manual_grade = False
        gradebook.db.commit()


def call(*arguments: str) -> int:
    """The exit status."""
    with pytest.raises(SystemExit) as raised:
        main([*arguments])
    return int(raised.value.code or 0)


def student(course: Course, name: str) -> dict[str, Any]:
    """In the results, which are as their schema says."""
    found = json.loads((course.runs / "toy.json").read_text())
    Draft202012Validator(SCHEMA).validate(found)
    row: dict[str, Any] = next(one for one in found["students"] if one["student"] == name)
    return row


def rows(course: Course) -> dict[str, list[str]]:
    """The report's table of students, what is in each row."""
    soup = BeautifulSoup((course.runs / "toy.html").read_text(), "html.parser")
    found = [
        [cell.get_text(" ", strip=True) for cell in row.find_all(["th", "td"])]
        for row in soup.select(".students tbody tr")
    ]
    return {row[0]: row[1:] for row in found}


def test_the_grade_stands_beside_the_graders_points(course: Course) -> None:
    """In the results; the report shows the grade, with its sign, and what graders gave."""
    assert call("report", "toy") == 0
    ann, bob = student(course, "ann"), student(course, "bob")
    assert (ann["score"], ann["max_score"]) == (10, 10)
    assert (ann["grade"]["score"], ann["grade"]["max_score"]) == (9.5, 15)
    assert ann["grade"]["score"] == read_grades(course, "toy").students["ann"].score
    assert (ann["grade"]["state"], bob["grade"]["state"]) == ("final", "waiting")
    assert rows(course) == {
        "ann": ["graded", "6.5* graders 8", "2", "3*", "9.5 −2 late graders 10"],
        "bob": ["graded", "8", "2", "waits", "10"],
    }


def test_links_lead_to_pages_that_are_there(course: Course) -> None:
    """To the feedback and to the files of the run; there are no others."""
    assert call("report", "toy") == 0
    page = course.runs / "toy.html"
    ways = [link["href"] for link in BeautifulSoup(page.read_text(), "html.parser").select("a")]
    assert {"index.html", "../feedback/ann/toy/toy.html", "toy/bob"} <= {*map(str, ways)}
    assert all((course.runs / str(way)).exists() for way in ways)


def test_the_list_of_reports_has_a_line_for_each(course: Course) -> None:
    """With what stands at the top of it: 9.5 of 15, and 10 of the 10 that are marked."""
    assert call("report", "toy") == 0
    soup = BeautifulSoup((course.runs / "index.html").read_text(), "html.parser")
    cells = [cell.get_text(" ", strip=True) for cell in soup.select("tbody tr > *")]
    assert [cells[0], *cells[2:]] == ["toy", "2", "82 % of 2", "0", "1"]


def test_without_its_gradebook_a_report_has_the_graders_points(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """And says so, in the page and on the screen."""
    course.gradebook.rename(course.root / "aside.db")
    try:
        assert call("report", "toy") == 0
    finally:
        (course.root / "aside.db").rename(course.gradebook)
    assert "points of the graders only" in capsys.readouterr().err
    assert "Points of the graders only" in (course.runs / "toy.html").read_text()
    assert student(course, "ann")["grade"] is None
    assert rows(course)["ann"] == ["graded", "8", "2", "10"]


def test_the_next_call_shows_new_marks_everywhere(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the screen, in the results, and on the student's page, which alone is made anew."""
    assert call("grade", "toy") == 0
    pages = {name: feedback_page(course, "toy", name) for name in ("ann", "bob")}
    before = {name: page.stat().st_mtime_ns for name, page in pages.items()}
    mark(course, "double_check", manual_score=7.25)
    capsys.readouterr()
    assert call("grade", "toy") == 0
    assert "7.75*" in capsys.readouterr().out
    assert student(course, "ann")["grade"]["score"] == 10.75
    assert "10.75" in pages["ann"].read_text()
    assert pages["ann"].stat().st_mtime_ns != before["ann"]
    assert pages["bob"].stat().st_mtime_ns == before["bob"]
    row = grades(course, "ann")["double_check"]
    assert (row.manual_score, row.needs_manual_grade) == (7.25, False)


def test_a_comment_makes_the_page_anew(course: Course) -> None:
    """Points are not all that a person writes."""
    assignment, page = read_assignment(course, "toy"), feedback_page(course, "toy", "ann")
    import_verdicts(course, assignment, ["ann"])
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        comment = gradebook.find_comment("why", "toy", "toy", "ann")
        comment.manual_comment = "Well said, Ann."
        gradebook.db.commit()
    import_verdicts(course, assignment, ["ann"])
    assert "Well said, Ann." in page.read_text()
    made = page.stat().st_mtime_ns
    import_verdicts(course, assignment, ["ann"])
    assert page.stat().st_mtime_ns == made


def test_what_changed_is_told_once_on_the_screen_and_kept_in_the_report(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever replaced the verdict; a damaged record of what was seen tells of nothing."""
    path = course.run_dir("toy", "bob") / "verdict.json"
    before, verdict = path.read_text(), read_verdict(path)
    assert call("report", "toy") == 0
    worse = json.loads(to_json(verdict))
    worse["tasks"][1] |= {"score": 0.0}
    worse["tasks"][1]["checks"][0] |= {"ending": "failed"}
    worse["score"] = 8.0
    line = "triple -2: triples fails now"
    path.write_text(json.dumps(worse))
    try:
        capsys.readouterr()
        assert call("grade", "toy") == 0
        assert f"changed: bob -2: {line}" in capsys.readouterr().out
        assert call("grade", "toy") == 0
        assert line not in capsys.readouterr().out
        page = BeautifulSoup((course.runs / "toy.html").read_text(), "html.parser")
        assert line in page.get_text(" ", strip=True)
        (course.runs / ".reports" / "toy" / "seen.json").write_text("[1")
        assert call("report", "toy") == 0
        assert line not in (course.runs / "toy.html").read_text()
    finally:
        path.write_text(before)
        assert call("grade", "toy") == 0
