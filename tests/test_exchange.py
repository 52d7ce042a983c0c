"""nbgrader's own ways in and out, with its own commands: the exchange, `zip_collect`, due dates."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from toy import RIGHT, hand_in, scores, toy_course

from autograder.course import Course
from autograder.handout import hand_out

pytestmark = pytest.mark.slow
Nbgrader = Callable[..., str]
SETTINGS = """
c = get_config()
c.CourseDirectory.course_id = "toys"
c.Exchange.root = {root!r}
"""
LATE = """
c.AssignLatePenalties.plugin_class = "penalty.ATenthADay"
c.ZipCollectApp.collector_plugin = "nbgrader.plugins.zipcollect.FileNameCollectorPlugin"
c.FileNameCollectorPlugin.named_regexp = (
    r".*_(?P<student_id>\\w+)_attempt_(?P<timestamp>[0-9\\-]+)_(?P<file_id>\\w+)"
)
"""
PENALTY = """
from nbgrader.plugins import BasePlugin


class ATenthADay(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return round(score * 0.1 * (total_seconds_late // 86_400), 2)
"""


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The toy course, which hands out and takes in by an exchange in a folder beside it."""
    made, exchange = toy_course(tmp_path / "course"), tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    settings = SETTINGS.format(root=str(exchange))
    with (made.root / "nbgrader_config.py").open("a") as config:
        config.write(settings + LATE)
    (made.root / "penalty.py").write_text(PENALTY)
    for student in ("alice", "bob"):
        folder = tmp_path / student
        folder.mkdir()
        (folder / "nbgrader_config.py").write_text(settings)
    return made


@pytest.fixture
def nbgrader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nbgrader:
    """Nbgrader's command, in a student's folder or in the course; what it said."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "course"))

    def called(*arguments: str, where: str = "course") -> str:
        done = subprocess.run(
            ["nbgrader", *arguments],
            cwd=tmp_path / where,
            env={**os.environ, "JUPYTER_DATA_DIR": str(tmp_path / "home" / where)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return called


def solve(folder: Path, cells: dict[str, str]) -> None:
    path = folder / "toy" / "toy.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cells.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    nbformat.write(notebook, path)


def graded(course: Course) -> None:
    command = [sys.executable, "-m", "autograder", "grade"]
    done = subprocess.run(command, cwd=course.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_exchange_goes_round(course: Course, nbgrader: Nbgrader, tmp_path: Path) -> None:
    """Released, fetched, handed in, collected, graded; the feedback comes back to its student, and
    to nobody else, though a third has handed in by hand. What is handed in anew counts.
    """
    shutil.rmtree(course.template("toy").parent / "labkit")  # as in a fresh clone
    hand_out(course, "toy", tmp_path / "handout")
    nbgrader("release_assignment", "toy")
    assert "toys toy" in nbgrader("list", where="alice")
    for student in ("alice", "bob"):
        nbgrader("fetch_assignment", "toy", where=student)
        assert (tmp_path / student / "toy" / "labkit" / "checks.py").is_file()
        nbgrader("submit", "toy", f"--student={student}", where=student)
    solve(tmp_path / "alice", RIGHT)
    nbgrader("submit", "toy", "--student=alice", where="alice")
    assert "toys bob toy" in nbgrader("list", "--inbound")
    nbgrader("collect", "toy")
    hand_in(course, "carol", RIGHT)
    graded(course)
    assert [scores(course, name)["double_check"] for name in ("alice", "bob", "carol")] == [8, 0, 8]
    nbgrader("release_feedback", "toy")
    for student in ("alice", "bob"):
        nbgrader("fetch_feedback", "toy", where=student)
        pages = list((tmp_path / student / "toy" / "feedback").glob("*/toy.html"))
        assert len(pages) == 1
        own = course.root / "feedback" / student / "toy" / "toy.html"
        assert pages[0].read_bytes() == own.read_bytes()
    solve(tmp_path / "bob", RIGHT)
    nbgrader("submit", "toy", "--student=bob", where="bob")
    nbgrader("collect", "toy", "--update")
    graded(course)
    assert scores(course, "bob")["double_check"] == 8


def test_due_dates_and_penalties(course: Course, nbgrader: Nbgrader) -> None:
    """A due date by nbgrader's command, a tenth for each day by a plug-in; the export tells both
    scores, and who handed in on time loses nothing.
    """
    nbgrader("db", "assignment", "add", "toy", "--duedate=2026-03-01 12:00:00 UTC")
    for student, time in {"alice": "2026-03-01 11:59:59", "bob": "2026-03-03 13:00:00"}.items():
        path = hand_in(course, student, RIGHT)
        path.with_name("timestamp.txt").write_text(f"{time} UTC\n")
    graded(course)
    nbgrader("export", "--to", "grades.csv")
    lines = (course.root / "grades.csv").read_text().splitlines()
    heading = lines[0].split(",")
    rows = {row[heading.index("student_id")]: row for row in (line.split(",") for line in lines)}
    found = {
        name: tuple(float(rows[name][heading.index(column)]) for column in ("raw_score", "score"))
        for name in ("alice", "bob")
    }
    assert found == {"alice": (10, 10), "bob": (10, 8)}


def test_zip_collect(course: Course, nbgrader: Nbgrader) -> None:
    """Nbgrader's own way to read a download: its archive is unpacked, sorted and stamped."""
    archive = course.root / "downloaded" / "toy" / "archive"
    archive.mkdir(parents=True)
    path = hand_in(course, "alice", RIGHT)
    with zipfile.ZipFile(archive / "toy.zip", "w") as made:
        made.write(path, "Toy_zoe_attempt_2026-03-01-11-00-00_toy.ipynb")
    nbgrader("zip_collect", "toy")
    folder = course.submission("toy", "zoe").parent
    assert sorted(file.name for file in folder.iterdir()) == ["timestamp.txt", "toy.ipynb"]
    graded(course)
    assert scores(course, "zoe")["double_check"] == 8
