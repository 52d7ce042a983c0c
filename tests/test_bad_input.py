"""A course folder with something wrong in it: one line that says where, status 2, nothing half
written.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from toy import RIGHT, hand_in, toy_course

from autograder import desk
from autograder.cli.main import main
from autograder.course import Course
from autograder.errors import UsageError
from autograder.nbgrader_bridge.hooks import place_labkit
from autograder.starter import new_assignment, new_course

HINTS = '[halves]\nhint = "Multiply."\n'
RECIPE = '"""Right.\n---\nassignment = "toy"\n---\n"""\n'
MISTAKES = 'def why(case):\n    return "thirds" if case else None\n'
RAISES = "from . import checks\n\nTASKS = {}\nraise RuntimeError('not today')\n"
Spoil = Callable[[Path], None]


def written(name: str, text: str) -> Spoil:
    """Put a file into the course."""

    def spoil(root: Path) -> None:
        (root / name).write_text(text)

    return spoil


def edited(name: str, old: str, new: str) -> Spoil:
    """Change a file of the course."""

    def spoil(root: Path) -> None:
        text = (root / name).read_text()
        assert old in text
        (root / name).write_text(text.replace(old, new))

    return spoil


def both(*spoils: Spoil) -> Spoil:
    """One after the other."""

    def spoil(root: Path) -> None:
        for one in spoils:
            one(root)

    return spoil


WRONG: dict[str, tuple[Spoil, str]] = {
    "no graders": (
        lambda root: shutil.rmtree(root / "graders"),
        "there are no graders in {root}/graders/toy: expected a file <task>.py for each task",
    ),
    "a task without a grader": (
        lambda root: (root / "graders" / "toy" / "triple.py").unlink(),
        "no grader for the task «triple» of toy: expected {root}/graders/toy/triple.py",
    ),
    "an assignment that is not released": (
        lambda root: shutil.rmtree(root / "release"),
        "toy is not released: expected {root}/release/toy/toy.ipynb; run: autograder release",
    ),
    "hints that are no TOML": (
        written("graders/toy/hints.toml", '[halves]\nhint "Multiply."\n'),
        "{root}/graders/toy/hints.toml:2: not TOML: ",
    ),
    "a hint without an id": (
        written("graders/toy/hints.toml", HINTS + '\n[thirds]\n\n[[""]]\nhint = "x"\n'),
        "{root}/graders/toy/hints.toml",
    ),
    "a hint outside of a table": (
        written("graders/toy/hints.toml", '# said\nhint = "Multiply."\n'),
        "{root}/graders/toy/hints.toml:2: hint: expected a table [id-of-the-misconception] around",
    ),
    "a hint that says nothing": (
        written("graders/toy/hints.toml", '[halves]\npage = "1"\n'),
        "{root}/graders/toy/hints.toml:1: halves: the key hint is missing",
    ),
    "a misconception that no hint explains": (
        edited("graders/toy/triple.py", '"some"))\n', '"some"), mistake="thirds")\n'),
        "{root}/graders/toy/triple.py:15: no hint explains the misconception «thirds»",
    ),
    "one in _mistakes.py": (
        written("graders/toy/_mistakes.py", MISTAKES),
        "{root}/graders/toy/_mistakes.py:2: no hint explains the misconception «thirds»",
    ),
    "one in another file of mistakes": (
        written("graders/toy/_more_mistakes.py", MISTAKES),
        "{root}/graders/toy/_more_mistakes.py:2: no hint explains the misconception «thirds»",
    ),
    "two tasks of one name": (
        edited("release/toy/toy.ipynb", '"triple_check"', '"double_check"'),
        "{root}/release/toy/toy.ipynb:",
    ),
    "a helper that raises": (
        both(
            written("graders/toy/_numbers.py", "ONE = 1\nTWO = 2 / 0\n"),
            edited("graders/toy/triple.py", "NEEDS", "from ._numbers import TWO\n\nNEEDS"),
        ),
        "{root}/graders/toy/_numbers.py:2: ZeroDivisionError: division by zero",
    ),
    "a grader that is no Python": (
        edited("graders/toy/triple.py", "def questions(rng):", "def questions(rng:"),
        "{root}/graders/toy/triple.py:9: SyntaxError: ",
    ),
    "questions that raise": (
        edited("graders/toy/triple.py", "    return {", "    return rng.nothing or {"),
        "{root}/graders/toy/triple.py:10: AttributeError: ",
    ),
    "a calibration record that is cut off": (
        written("graders/toy/calibration.json", '{"double": '),
        "{root}/graders/toy/calibration.json is not JSON",
    ),
    "a setting that is none": (
        edited("course.toml", "jobs = 2", "jops = 2"),
        "{root}/course.toml:2: jops: there is no key «jops»; did you mean «jobs»?",
    ),
}  # fmt: skip
ONLY_VERIFY: dict[str, tuple[Spoil, str]] = {
    "a public check that raises": (
        written("graders/toy/public.py", RAISES),
        "{root}/graders/toy/public.py:4: RuntimeError: not today",
    ),
    "a public check without tasks": (
        written("graders/toy/public.py", "from . import checks\n"),
        "{root}/graders/toy/public.py:1: AttributeError: ",
    ),
    "a source that has changed since its release": (
        edited("source/toy/toy.ipynb", "### BEGIN SOLUTION", "# first\\n    ### BEGIN SOLUTION"),
        "{root}/release/toy/toy.ipynb is not what {root}/source/toy/toy.ipynb gives, beginning",
    ),
    "a recipe whose header is no TOML": (
        edited("bank/toy/right.py", 'assignment = "toy"', 'assignment "toy"'),
        "{root}/bank/toy/right.py:3: not TOML: ",
    ),
    "a recipe for a task that is none": (
        written("bank/toy/right.py", RECIPE + "# %% dubble\n"),
        "{root}/bank/toy/right.py: there is no task «dubble»; did you mean «double»?",
    ),
    "a recipe with a misconception that is none": (
        edited("bank/toy/right.py", 'toy"\n', 'toy"\n[misconception]\ndouble = "no"\n'),
        "{root}/bank/toy/right.py: there is no hint for the misconception «no»",
    ),
    "no recipes": (
        lambda root: (root / "bank" / "toy" / "right.py").unlink(),
        "there are no recipes of toy in {root}/bank",
    ),
}  # fmt: skip


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course in which all is well, with a submission; the working directory in it."""
    course = toy_course(tmp_path)
    (course.graders / "toy" / "hints.toml").write_text(HINTS)
    (course.bank / "toy").mkdir(parents=True)
    (course.bank / "toy" / "right.py").write_text(RECIPE)
    hand_in(course, "alice", RIGHT)
    monkeypatch.chdir(tmp_path)
    return course


def files(root: Path) -> set[str]:
    """What lies in a folder, what is only made ready for a room left out."""
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    return {name for name in there if "/.desks/" not in name and "__pycache__" not in name}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a call says that exits with 2."""
    with pytest.raises(SystemExit) as raised:
        main(list(arguments))
    said = capsys.readouterr()
    assert raised.value.code == 2
    assert "Traceback" not in said.out + said.err
    assert said.err.count("\n") == 1, said.err
    return said.err


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("command", ["grade", "verify"])
def test_what_is_wrong_in_a_course_is_said_in_one_line(
    course: Course, capsys: pytest.CaptureFixture[str], command: str, case: str
) -> None:
    """With the file and the line, before anything is run or written."""
    spoil, says = WRONG[case]
    spoil(course.root)
    before = files(course.root)
    said = refused(capsys, command, "toy")
    assert said.startswith(f"autograder: {says.format(root=course.root)}")
    assert files(course.root) == before


@pytest.mark.parametrize("case", ONLY_VERIFY)
def test_what_is_wrong_beside_the_graders_is_said_by_verify(
    course: Course, capsys: pytest.CaptureFixture[str], case: str
) -> None:
    """Public checks and recipes: nobody's grade hangs on them, but somebody's patience."""
    spoil, says = ONLY_VERIFY[case]
    spoil(course.root)
    before = files(course.root)
    said = refused(capsys, "verify", "toy")
    assert said.startswith(f"autograder: {says.format(root=course.root)}")
    assert files(course.root) == before


def test_public_checks_that_raise_are_not_released(tmp_path: Path) -> None:
    """Students would see it first."""
    course = toy_course(tmp_path)
    shutil.rmtree(course.source("toy").parent / "labkit")
    (course.graders / "toy" / "public.py").write_text(RAISES)

    with pytest.raises(SystemExit, match=r"not released: .*public\.py:4: RuntimeError: not today"):
        place_labkit("toy", ".", [str(course.source("toy"))])
    assert not (course.source("toy").parent / "labkit").exists()


def test_a_release_without_labkit_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever kept it away, such as a full disk."""
    course = toy_course(tmp_path)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(desk, "place_labkit", refuse)
    with pytest.raises(SystemExit, match=r"not released: .*No space left"):
        place_labkit("toy", ".", [str(course.source("toy"))])


def test_a_new_course_needs_a_folder_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What lies in it already stays as it is."""
    (tmp_path / "notes.txt").touch()
    assert "is not empty" in refused(capsys, "new", "course", str(tmp_path))
    assert files(tmp_path) == {"notes.txt"}


@pytest.mark.parametrize(
    ("name", "task", "says"),
    [
        ("a/b", "build", "can't be an assignment's name"),
        ("*", "build", "can't be an assignment's name"),
        ("a; b", "build", "can't be an assignment's name"),
        ("été", "build", "can't be an assignment's name"),
        ("fine", "été", "can't be a task's name"),
        ("fine", "keras", "can't be a task's name"),
        ("fine", "print", "can't be a task's name"),
        ("fine", "2fast", "can't be a task's name"),
        ("fine", "lambda", "can't be a task's name"),
        ("there", "build", "there is an assignment «there» already"),
    ],
)
def test_names_of_new_assignments(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    task: str,
    says: str,
) -> None:
    """What can't be a name, or is one already, is said, and nothing is made."""
    new_course(tmp_path / "course")
    (tmp_path / "course" / "bank" / "there").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "course")
    before = files(tmp_path)
    assert says in refused(capsys, "new", "assignment", name, "--task", task)
    assert files(tmp_path) == before


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
def test_an_assignment_that_can_not_be_released_is_not_made(tmp_path: Path) -> None:
    """Not even half of it."""
    course = new_course(tmp_path / "course")
    (course.root / "nbgrader_config.py").unlink()
    with pytest.raises(UsageError, match=r"nbgrader_config\.py"):
        new_assignment(course, "first")
    for part in ("source", "graders", "bank", "release"):
        assert not (course.root / part / "first").exists()
