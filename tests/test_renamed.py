"""A notebook that is called otherwise is graded if it holds the assignment, and that is said."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook
from test_nbgrader_bridge import autograde, run
from toy import RIGHT, grade_here, hand_in, metadata, scores, toy_course, write

from autograder.bench import open_bench
from autograder.cli.main import main
from autograder.course import Course, read_assignment
from autograder.grading.booking import feedback_page
from autograder.grading.gradebook import import_verdicts
from autograder.grading.stages import due
from autograder.submissions.finding import MOST_FILES, find_submission

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

FULL = {"double_check": 8.0, "triple_check": 2.0, "why": 0.0}
NAMES = ("toy (1).ipynb", "Copy of toy.ipynb", "toy-2.ipynb", "Toy.ipynb", "übung [x]*.ipynb")


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The toy course, its release made by nbgrader."""
    return toy_course(tmp_path)


def renamed(course: Course, name: str, student: str = "alice", age: int = 0) -> Path:
    """A right solution under that name, so many seconds old."""
    path = hand_in(course, student, RIGHT)
    path = path.rename(path.with_name(name))
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


def found(course: Course) -> str:
    """The name of the file that is taken."""
    template = nbformat.read(course.template("toy"), as_version=4)
    return find_submission(course.submission("toy", "alice"), template).path.name


@pytest.mark.parametrize("name", NAMES)
def test_it_is_graded_and_the_feedback_says_how_it_is_called(course: Course, name: str) -> None:
    """The student has a row, a score and a page under the assignment's name."""
    renamed(course, name)
    verdict = grade_here(course, "alice")
    told = f"your notebook is called «{name}» and was taken; hand it in as «toy.ipynb»"
    assert (verdict.status, verdict.score, verdict.remarks) == ("graded", 10.0, (told,))
    assert import_verdicts(course, read_assignment(course, "toy"), ["alice"]) == {}
    assert scores(course, "alice") == FULL
    page = BeautifulSoup(feedback_page(course, "toy", "alice").read_text(), "html.parser")
    assert told in page.get_text(" ", strip=True)


def test_nbgraders_own_command_knows_it_too(course: Course) -> None:
    """Beside one who handed in as told, with the same scores; what lies there stays as it is."""
    path = renamed(course, "toy (1).ipynb")
    hand_in(course, "bob", RIGHT)
    for student in ("alice", "bob"):
        grade_here(course, student)
    autograde(course)
    assert scores(course, "alice") == scores(course, "bob") == FULL
    assert "toy (1).ipynb" in metadata(course, "alice")["remarks"][0]
    assert [one.name for one in path.parent.iterdir()] == ["toy (1).ipynb"]
    with Gradebook(f"sqlite:///{course.gradebook}") as gradebook:
        assert [one.name for one in gradebook.find_assignment("toy").notebooks] == ["toy"]


@pytest.mark.slow
def test_both_commands_run_it_in_rooms(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the command line."""
    renamed(course, "toy (1).ipynb")
    run(course, "autograde", "toy")
    run(course, "generate_feedback", "toy")
    assert scores(course, "alice") == FULL
    assert feedback_page(course, "toy", "alice").exists()
    monkeypatch.chdir(course.root)
    with pytest.raises(SystemExit) as raised:
        main(["grade"])
    assert raised.value.code == 0


def test_the_right_name_counts_before_any_other(course: Course) -> None:
    """However old it is; what was left out is said."""
    renamed(course, "toy (1).ipynb")
    hand_in(course, "alice", {**RIGHT, "double": "def double(x):\n    return x\n"})
    os.utime(course.submission("toy", "alice"), (0, 0))
    verdict = grade_here(course, "alice")
    assert verdict.score < 10
    told = "of several notebooks «toy.ipynb» is graded, not «toy (1).ipynb»"
    assert (verdict.remarks, verdict.incidents) == ((f"{told}; hand in one",), (told,))


def test_of_several_the_newest_is_taken_and_that_is_said(course: Course) -> None:
    """By the times of the files."""
    renamed(course, "toy (2).ipynb", age=60)
    renamed(course, "toy (3).ipynb", age=120)
    renamed(course, "toy (1).ipynb")
    remarks = grade_here(course, "alice").remarks
    assert remarks[0] == (
        "«toy (1).ipynb», «toy (2).ipynb», «toy (3).ipynb» all hold this assignment;"
        " «toy (1).ipynb» was taken, the newest by the times of the files; hand in one, as"
        " «toy.ipynb»"
    )
    assert "«toy (1).ipynb» is graded, not «toy (2).ipynb», «toy (3).ipynb»" in remarks[1]


def test_of_equally_old_ones_the_last_number_is_taken(course: Course) -> None:
    """As after unpacking; ten comes behind nine."""
    for name in ("toy (9).ipynb", "toy (10).ipynb", "toy.1.ipynb"):
        renamed(course, name)
    assert found(course) == "toy.1.ipynb"
    course.submission("toy", "alice").with_name("toy.1.ipynb").unlink()
    assert found(course) == "toy (10).ipynb"


def without_ids(course: Course, path: Path) -> None:
    """What a tool writes that knows no metadata: the cells' own ids stay."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.metadata.clear()
    write(path, notebook)


def scratch(course: Course, path: Path) -> None:
    """A notebook of the student's own with one cell of ours, as copying makes it."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [one for one in notebook.cells if one.get("id") == "cell-3"]
    write(path, notebook)


def another(course: Course, path: Path) -> None:
    """Another assignment that has begun with the same cells."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells[3:]:
        cell.id = f"other-{cell.id}"
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id = f"other_{cell.metadata.nbgrader.grade_id}"
    write(path, notebook)


def torn(course: Course, path: Path) -> None:
    path.write_bytes(path.read_bytes()[:500])


def a_link(course: Course, path: Path) -> None:
    path.unlink()
    path.symlink_to(course.template("toy"))


def a_folder(course: Course, path: Path) -> None:
    path.rename(path.with_suffix(".txt"))
    path.mkdir()


def a_pipe(course: Course, path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def below(course: Course, path: Path) -> None:
    (path.parent / "more").mkdir()
    path.rename(path.parent / "more" / path.name)


def hidden(course: Course, path: Path) -> None:
    path.rename(path.with_name(f"._{path.name}"))


def a_linked_folder(course: Course, path: Path) -> None:
    place = path.parent.rename(course.root / "elsewhere")
    path.parent.symlink_to(place)


def nothing(course: Course, path: Path) -> None:
    path.unlink()


def test_it_is_known_without_metadata(course: Course) -> None:
    """By the cells' own ids."""
    without_ids(course, renamed(course, "toy (1).ipynb"))
    assert found(course) == "toy (1).ipynb"


@pytest.mark.parametrize(
    "spoil",
    [scratch, another, torn, a_link, a_folder, a_pipe, below, hidden, a_linked_folder, nothing],
    ids=lambda spoil: spoil.__name__,
)
def test_nothing_else_is_taken(course: Course, spoil: Callable[[Course, Path], None]) -> None:
    """The notebook is missing, and the student reads what was there instead."""
    spoil(course, renamed(course, "toy (1).ipynb"))
    verdict = grade_here(course, "alice")
    assert (verdict.status, verdict.score) == ("missing", 0.0)
    assert verdict.remarks[0].startswith("expected a notebook «toy.ipynb», but the folder")


def test_a_name_that_is_no_text_is_shown_as_far_as_it_can_be(course: Course) -> None:
    """Taken, or told of."""
    path = renamed(course, os.fsdecode(b"toy \xff.ipynb"))
    gone = "«toy \N{REPLACEMENT CHARACTER}.ipynb»"
    assert gone in grade_here(course, "alice").remarks[0]
    assert import_verdicts(course, read_assignment(course, "toy"), ["alice"]) == {}
    torn(course, path)
    assert f"the folder holds {gone}" in grade_here(course, "alice").remarks[0]


def test_of_many_only_the_newest_are_opened(course: Course) -> None:
    """Nobody makes us read a thousand notebooks."""
    renamed(course, "toy (1).ipynb", age=1)
    folder = course.submission("toy", "alice").parent
    for number in range(MOST_FILES - 1):
        (folder / f"a{number}.ipynb").touch()
    assert found(course) == "toy (1).ipynb"
    (folder / "one_more.ipynb").touch()
    assert found(course) == "toy.ipynb"


def test_what_is_stored_holds_as_long_as_the_same_file_is_taken(course: Course) -> None:
    """Another name, another content, another file: each is handed in anew."""

    def reasons() -> tuple[str, ...]:
        return due(open_bench(course, "toy"), "alice").reasons

    path = renamed(course, "toy (1).ipynb")
    grade_here(course, "alice")
    assert reasons() == ()
    os.utime(path)
    assert reasons() == ()

    path = path.rename(path.with_name("toy (2).ipynb"))
    assert reasons() == ("handed in anew",)
    grade_here(course, "alice")
    assert reasons() == ()

    aside = path.read_bytes()
    hand_in(course, "alice", {**RIGHT, "double": "1"}).replace(path)
    assert reasons() == ("handed in anew",)
    grade_here(course, "alice")
    path.with_name("toy (3).ipynb").write_bytes(aside)
    assert reasons() == ("handed in anew",)
    assert grade_here(course, "alice").score == 10.0
    hand_in(course, "alice", RIGHT)
    assert reasons() == ("handed in anew",)
