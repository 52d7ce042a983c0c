"""A gradebook on a PostgreSQL server, by nbgrader's `db_url`: Debian's server, for real."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql import PASSWORD, Server, programs, serving
from test_faults import Call, call  # noqa: F401 — a fixture
from toy import RIGHT, grade_here, hand_in, toy_course

from autograder.course import Course
from autograder.sample import lay_out

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        programs() is None and "CI" not in os.environ, reason="no PostgreSQL server is installed"
    ),
]
SCORES = (
    "SELECT student_id, auto_score, manual_score FROM grade"
    " JOIN submitted_notebook ON grade.notebook_id = submitted_notebook.id"
    " JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id"
    " WHERE auto_score IS NOT NULL ORDER BY 1, 2"
)
ALL = [(name, score, None) for name in ("alice", "bob") for score in (2.0, 8.0)]


@pytest.fixture(scope="module")
def shared() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def server(shared: Server) -> Server:
    """With an empty database."""
    shared.ask("DROP DATABASE gradebook WITH (FORCE)", "postgres")
    shared.ask("CREATE DATABASE gradebook", "postgres")
    return shared


@pytest.fixture
def course(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The toy course with its gradebook there, and two submissions run and judged."""
    monkeypatch.chdir(tmp_path)
    return on_server(toy_course(tmp_path), server)


def on_server(course: Course, server: Server, url: str | None = None, name: str = "toys") -> Course:
    course.gradebook.unlink()
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc = get_config()\nc.CourseDirectory.db_url = {url or server.url!r}\n")
        config.write(f"c.CourseDirectory.course_id = {name!r}\n" if name else "")
    for student in ("alice", "bob"):
        hand_in(course, student, RIGHT)
        grade_here(course, student)
    return course


def test_scores_are_booked_there(course: Course, server: Server, call: Call) -> None:  # noqa: F811
    """And nowhere else; the screen says where, without the password; again changes nothing; manual
    points stay.
    """
    found = call("grade")
    assert (found.status, found.err) == (0, "")
    assert server.ask(SCORES) == ALL
    assert not course.gradebook.exists()
    assert "gradebook: postgresql+psycopg://grader:***@/gradebook" in found.out
    server.ask("UPDATE grade SET manual_score = 5 WHERE auto_score = 8")
    hand_in(course, "bob", {**RIGHT, "triple": "triple = None\n"})
    grade_here(course, "bob")
    assert call("grade").status == 0
    assert server.ask(SCORES) == [
        ("alice", 2.0, None), ("alice", 8.0, 5.0), ("bob", 0.0, None), ("bob", 8.0, 5.0),
    ]  # fmt: skip


def test_nbgraders_own_commands_meet_the_same_book(course: Course, server: Server) -> None:
    """`nbgrader generate_assignment`, `autograde` and `export` write and read there."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command in (
        ["generate_assignment", "toy", "--force"],
        ["autograde", "toy"],
        ["export", "--to", "grades.csv"],
    ):
        done = subprocess.run(
            ["nbgrader", *command], cwd=course.root, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert server.ask(SCORES) == ALL
    lines = (course.root / "grades.csv").read_text().splitlines()
    assert len([line for line in lines if line.startswith("toy")]) == 2


def test_a_server_that_is_down_costs_the_gradebook_alone(
    course: Course,
    server: Server,
    call: Call,  # noqa: F811
) -> None:
    """One line, no password in it; the next call fills the gradebook."""
    server.stop()
    try:
        found = call("grade")
    finally:
        server.start()
    assert found.status == 2
    assert found.err.startswith("autograder: the gradebook postgresql+psycopg://grader:***@")
    assert "see that the server runs" in found.err
    assert found.err.count("\n") == 1
    assert PASSWORD.split()[0] not in found.err + found.out
    assert (course.runs / "toy.html").exists()
    assert call("grade").status == 0
    assert server.ask(SCORES) == ALL


def test_a_server_that_only_reads_is_said(
    course: Course,
    server: Server,
    call: Call,  # noqa: F811
) -> None:
    """What is booked stays, what is new comes with the next call that may write."""
    assert call("grade").status == 0
    before = server.ask(SCORES)
    hand_in(course, "bob", {**RIGHT, "triple": "triple = None\n"})
    grade_here(course, "bob")
    server.ask("ALTER DATABASE gradebook SET default_transaction_read_only = on")
    found = call("grade")
    assert found.status == 2
    assert "read-only transaction; it is a copy that only reads" in found.err
    assert server.ask(SCORES) == before
    server.ask("ALTER DATABASE gradebook RESET default_transaction_read_only", "postgres")
    assert call("grade").status == 0
    assert server.ask(SCORES) != before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda url: url.replace("/gradebook?", "/nowhere?"), 'database "nowhere" does not exist'),
        (lambda url: url.replace("%20", ""), "see that `db_url` in nbgrader_config.py has user"),
        (lambda url: url.replace("+psycopg", "+psycopg2"), "pip install 'vision-autograder[post"),
        (lambda _: "postgres", "expected a `db_url` such as"),
    ],
)
def test_an_address_that_is_wrong_is_said(
    tmp_path: Path,
    server: Server,
    call: Call,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    change: object,
    said: str,
) -> None:
    """In one line, with what to do, by `grade` and by `doctor`."""
    monkeypatch.chdir(tmp_path)
    assert callable(change)
    on_server(toy_course(tmp_path), server, change(server.url))
    found = call("grade")
    assert found.status == 2
    assert said in found.err
    assert found.err.count("\n") == 1


def test_a_course_without_a_name_is_told_to_take_one(
    tmp_path: Path,
    server: Server,
    call: Call,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nbgrader books under no name where nobody gives one, and only SQLite lets it."""
    monkeypatch.chdir(tmp_path)
    on_server(toy_course(tmp_path), server, name="")
    found = call("grade")
    assert found.status == 2
    assert "add c.CourseDirectory.course_id" in found.err


def test_two_machines_book_in_turn(course: Course, server: Server, tmp_path: Path) -> None:
    """Two copies of the course on one server, neither seeing the other's locks on a disk: all is
    booked once.
    """
    folder = tmp_path / "other machine"
    other = on_server(toy_course(folder), server)
    for number in range(6):
        hand_in(other, f"s{number}", RIGHT)
        grade_here(other, f"s{number}")
    command = [sys.executable, "-m", "autograder", "grade"]
    calls = [
        subprocess.Popen(command, cwd=one.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for one in (course, other)
    ]
    said = [one.communicate(timeout=120)[0].decode() for one in calls]
    assert [one.returncode for one in calls] == [0, 0], said
    assert len(server.ask(SCORES)) == 2 * 8
    assert len(server.ask("SELECT * FROM assignment")) == 1


def test_a_copy_of_the_course_has_a_gradebook_of_its_own(
    course: Course, server: Server, tmp_path: Path
) -> None:
    """Nobody of a sample class or of an attacked one gets into the real one."""
    copy = lay_out(course, tmp_path / "copy")
    hand_in(copy, "mallory", RIGHT)
    grade_here(copy, "mallory")
    command = [sys.executable, "-m", "autograder", "grade"]
    done = subprocess.run(command, cwd=copy.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert (copy.root / "gradebook.db").exists()
    assert server.ask("SELECT table_name FROM information_schema.tables"
                      " WHERE table_schema = 'public'") == []  # fmt: skip
