"""What is judged is what was asked: which change makes what be run, asked or judged again."""

from __future__ import annotations

import builtins
import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from rich.console import Console
from toy import DOUBLE, RIGHT, hand_in, scores, toy_course

from autograder.bench import open_bench
from autograder.cli.grade import grade_command
from autograder.course import Course, find_course
from autograder.errors import UsageError
from autograder.grading import batch, hands
from autograder.grading.booking import feedback_page
from autograder.grading.keys import run_parts, verdict_parts
from autograder.grading.stages import Due, due, ensure_verdict, judge_again, ran_short
from autograder.judge.hidden_side import read_hidden_side
from autograder.records import Run, SectionRun
from autograder.rooms.folder import NOT_RUN
from autograder.rooms.here import KernelHere, RoomsHere
from autograder.rooms.limits import Limits

HELPER = "graders/toy/_numbers.py"
HINTS = '[halves]\nhint = "Multiply."\n'
SIX = 'found == [6, -4], "6 and -4 for 3 and -2", found, hint="Multiply by 2."'
TRIPLE = "graders/toy/triple.py"

# What is edited, as file: (old, new); an old "" is a file that there was not.
CHANGES: dict[str, tuple[str, str, str, Due]] = {
    "a claim": (
        "graders/toy/double.py", 'hint="Multiply by 2."', 'hint="Add it to itself."',
        Due("judge", ("graders/toy/double.py changed",)),
    ),
    "a question": (
        "graders/toy/double.py", "((3,), (-2,))", "((3,), (-2,), (5,))",
        Due("ask", ("double asks «some» otherwise",), ("double",)),
    ),
    "a question of a task that needs another": (
        TRIPLE, "((3,),)", "((30,),)", Due("ask", ("triple asks «some» otherwise",), ("triple",)),
    ),
    "a question more": (
        TRIPLE, "return {", 'return {"more": Calls("triple", ((1,),)), ',
        Due("ask", ("triple asks «more» otherwise",), ("triple",)),
    ),
    "what a task needs": (
        TRIPLE, 'NEEDS = ("double",)', "NEEDS = ()", Due("judge", (f"{TRIPLE} changed",)),
    ),
    "a helper that questions use": (
        HELPER, "NOTHING = 0", "NOTHING = 0.0",
        Due("ask", ("double asks «none» otherwise",), ("double",)),
    ),
    "a helper that claims use": (
        HELPER, "def same", "def equal", Due("judge", (f"{HELPER} changed",)),
    ),
    "a hint": (
        "graders/toy/hints.toml", "Multiply.", "Multiply by two.",
        Due("judge", ("graders/toy/hints.toml changed",)),
    ),
    "a threshold": (
        "graders/toy/calibration.json", "0.8", "0.7",
        Due("judge", ("graders/toy/calibration.json changed",)),
    ),
    "a grader more": (
        "graders/toy/more.py", "", "def questions(rng):\n    return {}\n",
        Due("judge", ("graders/toy/more.py changed",)),
    ),
    "the secret seed": (
        "course.toml", 'isolation = "none"', 'isolation = "none"\nsecret_seed = "mine"',
        Due("judge", ("secret_seed changed",)),
    ),
    "a limit": (
        "course.toml", "cell_seconds = 20", "cell_seconds = 21",
        Due("run", ("limit cell_seconds changed",)),
    ),
    "labkit": (
        "labkit_course/__init__.py", "__all__ = []", "__all__: list[str] = []",
        Due("run", ("released labkit/course/__init__.py changed",)),
    ),
    "a public check": (
        "graders/toy/public.py", "TASKS = {}", "TASKS = dict()",
        Due("run", ("released labkit/public.py changed", "graders/toy/public.py changed")[:1]),
    ),
    "a file beside the notebook": (
        "release/toy/numbers.csv", "", "1,2\n", Due("run", ("released numbers.csv changed",)),
    ),
    "the released notebook": (
        "release/toy/toy.ipynb", "Give back", "Hand back", Due("run", ("release/toy changed",)),
    ),
    "the number of jobs": ("course.toml", "jobs = 2", "jobs = 1", Due("nothing")),
    "the source notebook": ("source/toy/toy.ipynb", "Give back", "Hand back", Due("nothing")),
    "a recipe": ("bank/toy/recipe.py", "", '"""A recipe."""\n', Due("nothing")),
}  # fmt: skip


class Watched(RoomsHere):
    """Rooms that remember which cells were run in them, and what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def kernel(self, folder: Path, limits: Limits) -> KernelHere:
        """One whose requests are written down."""
        kernel, seen = super().kernel(folder, limits), self.seen
        request: Callable[..., Any] = kernel.request

        async def watched(content: dict[str, Any], seconds: float) -> dict[str, Any]:
            if content["do"] == "enter":
                seen.append(f"run {content['task']}")
            if content["do"] == "ask":
                seen.append(f"ask {content['about']['task']} {content['about']['name']}")
            reply: dict[str, Any] = await request(content, seconds)
            return reply

        kernel.request = watched  # type: ignore[method-assign]
        return kernel


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The toy course with everything that results depend on."""
    found = toy_course(tmp_path)
    folder = tmp_path / "graders" / "toy"
    for name, text in {
        "_numbers.py": "NOTHING = 0\n\n\ndef same(one, other):\n    return one == other\n",
        "hints.toml": HINTS,
        "calibration.json": '{"double": {"pass": 0.8}}',
        "public.py": "TASKS = {}\n",
    }.items():
        (folder / name).write_text(text)
    edit(folder / "double.py", "NEEDS = ()", "from ._numbers import NOTHING\n\nNEEDS = ()")
    edit(folder / "double.py", "((0,),)", "((NOTHING,),)")
    (tmp_path / "labkit_course").mkdir()
    (tmp_path / "labkit_course" / "__init__.py").write_text('"""Nothing."""\n\n__all__ = []\n')
    return found


def edit(path: Path, old: str, new: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text() if old else ""
    assert old in text
    path.write_text(text.replace(old, new) if old else new)


def grade_one(course: Course, rooms: RoomsHere | None = None) -> Any:
    return ensure_verdict(open_bench(course, "toy"), "alice", rooms or RoomsHere())


def due_now(course: Course) -> Due:
    return due(open_bench(find_course(course.root), "toy"), "alice")


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_makes_just_what_depends_on_it_be_done_again(
    course: Course, change: str
) -> None:
    """The reason names the file, setting or question."""
    file, old, new, expected = CHANGES[change]
    hand_in(course, "alice", RIGHT)
    grade_one(course)
    assert due_now(course) == Due("nothing")
    edit(course.root / file, old, new)
    assert due_now(course) == expected


def test_nothing_is_as_good_as_new(course: Course) -> None:
    """Not run yet, handed in anew; an edit of what nobody reads is neither."""
    path = hand_in(course, "alice", RIGHT)
    assert due_now(course) == Due("run", ("not run yet",))
    grade_one(course)
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata["title"] = "opened and saved"
    nbformat.write(notebook, path)
    assert due_now(course) == Due("nothing")
    hand_in(course, "alice", {**RIGHT, "triple": "def triple(x):\n    return 3 * x\n"})
    assert due_now(course) == Due("run", ("handed in anew",))


@pytest.mark.parametrize("lost", ["run.json", "questions.json", "verdict.json", "depends.json"])
def test_what_is_not_whole_is_not_relied_on(course: Course, lost: str) -> None:
    """A file that is gone or cut off costs a run, never a wrong verdict."""
    hand_in(course, "alice", RIGHT)
    grade_one(course)
    path = course.run_dir("toy", "alice") / lost
    path.write_bytes(path.read_bytes()[:-20])
    assert due_now(course).do == "run"


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ("a question", ["run double", "ask double some", "ask double none"]),
        (
            "a question of a task that needs another",
            ["run double", "run triple", "ask triple some"],
        ),
    ],
)
def test_a_changed_question_asks_its_task_again_and_nothing_else(
    course: Course, change: str, seen: list[str]
) -> None:
    """The sections that the task leans on run, the other answers stay, and the verdict is whole."""
    file, old, new, _ = CHANGES[change]
    hand_in(course, "alice", RIGHT)
    first = grade_one(course)
    edit(course.root / file, old, new)
    if change == "a question":
        edit(course.root / file, SIX, SIX.replace("-4]", "-4, 10]"))
    else:
        edit(course.root / file, '[9], "9', '[90], "9')
    rooms = Watched()
    again = grade_one(find_course(course.root), rooms)
    assert rooms.seen == ["run None", *seen]
    assert (first.score, again.score) == (10.0, 10.0)
    folder = course.run_dir("toy", "alice")
    executed = nbformat.read(folder / "executed.ipynb", as_version=4)
    counted = [
        cell.execution_count
        for cell in executed.cells
        if cell.cell_type == "code" and NOT_RUN not in cell.metadata
    ]
    assert all(counted), "every cell that ran keeps what it printed"
    run = json.loads((folder / "run.json").read_text())
    assert {section["status"] for section in run["sections"]} == {"done"}
    assert due_now(course) == Due("nothing")


def test_where_the_sections_do_not_suffice_the_whole_notebook_runs(course: Course) -> None:
    """A cell may lean on another in ways that its text does not show."""
    (course.root / TRIPLE).write_text(
        (course.root / TRIPLE).read_text().replace('NEEDS = ("double",)', "NEEDS = ()")
    )
    double = f"{DOUBLE}\nimport builtins\nbuiltins.twice = double\n"
    triple = "def triple(x):\n    return twice(x) + x\n\ntriple(1)\n"
    hand_in(course, "alice", {"double": double, "triple": triple})
    assert grade_one(course).score == 10.0
    del builtins.twice  # type: ignore[attr-defined]  # another room has not got it
    edit(course.root / TRIPLE, "((3,),)", "((4,),)")
    edit(course.root / TRIPLE, '[9], "9 for 3"', '[12], "12 for 4"')
    rooms = Watched()
    assert grade_one(find_course(course.root), rooms).score == 10.0
    assert rooms.seen[:2] == ["run None", "run triple"]
    assert "run double" in rooms.seen


def test_stored_answers_are_never_judged_against_other_questions(course: Course) -> None:
    """`--regrade` names the questions and says what helps; nothing is touched."""
    hand_in(course, "alice", RIGHT)
    grade_one(course)
    edit(course.root / "graders/toy/double.py", "((3,), (-2,))", "((-2,), (3,))")
    before = (course.run_dir("toy", "alice") / "verdict.json").read_bytes()
    with pytest.raises(UsageError, match=r"double: some.*without --regrade"):
        judge_again(open_bench(course, "toy"), "alice", RoomsHere())
    assert (course.run_dir("toy", "alice") / "verdict.json").read_bytes() == before


def test_regrading_stops_before_it_begins(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, status 2, no room opened."""
    hand_in(course, "alice", RIGHT)
    grade_one(course)
    edit(course.root / "graders/toy/double.py", "((3,), (-2,))", "((-2,), (3,))")
    monkeypatch.chdir(course.root)
    done = CliRunner().invoke(grade_command, ["--regrade"])
    assert isinstance(done.exception, UsageError)
    assert "toy: the questions have changed" in str(done.exception)


def test_explaining_says_for_each_student_what_would_be_done(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And does none of it."""
    for student in ("alice", "bob"):
        hand_in(course, student, RIGHT)
    grade_one(course)
    edit(course.root / TRIPLE, '"9 for 3"', '"nine"')
    monkeypatch.chdir(course.root)
    done = CliRunner().invoke(grade_command, ["--explain"], catch_exceptions=False)
    assert done.output.splitlines() == [
        f"toy, alice: judged again: {TRIPLE} changed",
        "toy, bob: run: not run yet",
    ]
    assert not course.run_dir("toy", "bob").exists()


def test_what_only_shows_results_is_in_no_key(course: Course) -> None:
    """The commands, reports and the bridge may change without a rerun; rooms and judge may not."""
    bench = open_bench(course, "toy")
    ran = "\n".join(run_parts(bench))
    for code in ("submissions/magics.py", "submissions/reading.py", "rooms/inside.py"):
        assert f"autograder/{code}" in ran
    judged = "\n".join(verdict_parts(bench))
    for code in ("judge/plugin.py", "architecture/parse.py", "answers/artefacts.py", "records.py"):
        assert f"autograder/{code}" in judged
    assert "autograder/judge" not in ran
    # hidden networks, which the judge makes as well, and what it says of libraries
    for code in ("initial.py", "libraries.py"):
        judged = judged.replace(f"autograder/rooms/{code}", "", 1)
    assert "autograder/rooms" not in judged
    for code in ("cli/", "grading/", "nbgrader_bridge/", "proofs/"):
        assert f"autograder/{code}" not in ran + judged


def test_an_edit_in_the_same_second_is_seen(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same length even: no bytecode of a grader is kept that could stand for it."""
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = course.graders / "toy" / "double.py"
    before = read_hidden_side(course.graders / "toy").questions(0)["double"]
    stamp = path.stat().st_mtime
    edit(path, "((3,), (-2,))", "((-2,), (3,))")
    os.utime(path, (stamp, stamp))
    assert read_hidden_side(course.graders / "toy").questions(0)["double"] != before


def test_verdicts_reach_the_gradebook_while_others_are_run(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in the middle leaves what is written, and the next call writes the rest."""
    for student in ("alice", "bob"):
        hand_in(course, student, RIGHT)

    def ensure(bench: Any, student: str, rooms: RoomsHere, **_: bool) -> Any:
        if student == "bob":
            page = feedback_page(course, "toy", "alice")
            end = time.monotonic() + 60
            while not page.exists():
                assert time.monotonic() < end, "nothing was written meanwhile"
                time.sleep(0.01)
            raise KeyboardInterrupt
        return ensure_verdict(bench, student, rooms)

    @contextlib.contextmanager
    def here(_: Course) -> Iterator[RoomsHere]:
        yield RoomsHere()

    monkeypatch.setattr(hands, "open_rooms", here)
    wish, console = batch.Wish(), Console(file=io.StringIO())
    with monkeypatch.context() as patch:
        patch.setattr(hands, "ensure_verdict", ensure)
        with pytest.raises(KeyboardInterrupt):
            batch.grade(course, ["toy"], wish, console)
    assert scores(course, "alice")["double_check"] == 8.0
    assert not feedback_page(course, "toy", "bob").exists()
    first = feedback_page(course, "toy", "alice").stat().st_mtime_ns
    (graded,) = batch.grade(course, ["toy"], wish, console)
    assert graded.complete
    assert scores(course, "bob")["double_check"] == 8.0
    assert feedback_page(course, "toy", "alice").stat().st_mtime_ns == first


@pytest.mark.parametrize(
    ("status", "load", "cpu", "short"),
    [
        ("timeout", 9.0, 3.0, True),
        ("timeout", 9.0, 9.5, False),
        ("timeout", 0.5, 3.0, False),
        ("done", 9.0, 3.0, False),
    ],
)
def test_a_timeout_is_not_the_machines_fault_where_the_room_had_a_processor(
    monkeypatch: pytest.MonkeyPatch, status: Any, load: float, cpu: float, short: bool
) -> None:
    """An endless loop is not run a second time."""
    monkeypatch.setattr("os.getloadavg", lambda: (load * (os.cpu_count() or 1), 0, 0))
    section = SectionRun("double", status, 9.0)
    record = Run("toy", "s", "", 1, "graded", "none", 10.0, 9.0, (section,), cpu_seconds=cpu)
    assert ran_short(record) is short
