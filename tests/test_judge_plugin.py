"""Grader files on answers: one record for each check,
and points only for those that ran to their end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from answering import answered, graders, verdict

from autograder.judge.answers import told
from autograder.records import CellError, TaskVerdict

JudgeOne = Callable[..., TaskVerdict]
HEAD = """
    from autograder.judge import Answers, Blocked, Failure, cases, expect, hint, needs, weight
    from autograder.answers.questions import Call, Calls, Variable

    def questions(rng):
        return {"double": Call("double", (int(rng.integers(5, 9)),)), "x": Variable("x")}
"""


HINTS = """
[doubled_itself]
hint = "The input is doubled: add the other one."
"""


@pytest.fixture
def judge_one(tmp_path: Path) -> JudgeOne:
    """Judge one grader's text on one cell's text."""

    def judge_one(grader: str, cell: str = "", *, run_cell: bool = True) -> TaskVerdict:
        folder = tmp_path / "graders" / "residual_networks"
        folder.mkdir(parents=True)
        (folder / "doubling.py").write_text(dedent(HEAD) + dedent(grader))
        (folder / "hints.toml").write_text(HINTS)
        run = tmp_path / "run"
        run.mkdir()
        found = graders("residual_networks", tmp_path / "graders") if run_cell else {}
        answered(run, "residual_networks", {"doubling": cell}, found)
        return verdict(run, "residual_networks", ("doubling",), tmp_path / "graders").tasks[0]

    return judge_one


def endings(task: TaskVerdict) -> dict[str, str]:
    return {check.check: check.ending for check in task.checks}


def test_points_are_shared_out_by_weight(judge_one: JudgeOne) -> None:
    """A task's points times the weights passed over all weights."""
    task = judge_one("""
        @weight(3)
        def test_right(answers: Answers) -> None:
            \"""It is a number.\"""
            expect(isinstance(answers.value("double"), int), "a number", answers.value("double"))

        def test_wrong(answers: Answers) -> None:
            \"""It is nothing.\"""
            expect(answers.value("double") == 0, "0", answers.value("double"), hint="Look again.")
    """, "def double(n): return 2 * n")  # fmt: skip
    assert (task.score, task.max_score) == (0.75, 1.0)
    assert [(c.check, c.ending, c.sentence) for c in task.checks] == [
        ("right", "passed", "It is a number."),
        ("wrong", "failed", "It is nothing."),
    ]
    assert (task.checks[1].expected, task.checks[1].hint) == ("0", "Look again.")


@pytest.mark.parametrize(
    "body",
    [
        "import pytest; pytest.skip('not today')",
        "import pytest; pytest.xfail('known')",
        "import pytest; pytest.importorskip('no_such_module')",
        "raise SystemExit(0)",
        "raise RuntimeError('ours')",
        "answers.value('never asked')",
        "expect([True], 'a condition', 'a list')",
        "raise Failure('a', 'b', mistake='nobody_wrote_this')",
    ],
)
def test_what_is_no_verdict_is_broken(judge_one: JudgeOne, body: str) -> None:
    """A check that is skipped, exits or goes wrong by itself is held back for a person:
    no points, and not failed.
    """
    task = judge_one(f"""
        def test_it(answers):
            \"""It holds.\"""
            {body}
    """, "x = 1")  # fmt: skip
    assert endings(task) == {"it": "broken"}
    assert task.score == 0


@pytest.mark.parametrize("mark", ["@pytest.mark.skip", "@pytest.mark.skipif(True, reason='x')"])
def test_marked_as_skipped_is_broken(judge_one: JudgeOne, mark: str) -> None:
    """A mark that keeps a check from running gives no points either."""
    task = judge_one(f"""
        import pytest

        {mark}
        def test_it(answers):
            \"""It holds.\"""
    """)  # fmt: skip
    assert endings(task) == {"it": "broken"}


def test_a_grader_that_does_not_load_is_broken(judge_one: JudgeOne) -> None:
    """A file with a mistake of ours is one broken check that says so."""
    task = judge_one("import no_such_module", run_cell=False)
    assert endings(task) == {"grader": "broken"}
    assert "no_such_module" in task.checks[0].found


def test_a_grader_without_checks_is_broken(judge_one: JudgeOne) -> None:
    """No check means no verdict, not full marks."""
    assert endings(judge_one("")) == {"grader": "broken"}


def test_a_broken_teardown_takes_the_pass_back(judge_one: JudgeOne) -> None:
    """What goes wrong after the call counts as well."""
    task = judge_one("""
        import pytest

        @pytest.fixture
        def frail():
            yield
            raise RuntimeError("ours")

        def test_it(frail):
            \"""It holds.\"""
    """)  # fmt: skip
    assert endings(task) == {"it": "broken"}


def test_needs_block(judge_one: JudgeOne) -> None:
    """A check whose need has not passed is blocked and says what has to hold first."""
    task = judge_one("""
        def test_first(answers):
            \"""The first thing holds.\"""
            raise Failure("a", "b")

        @needs("test_first")
        def test_second(answers):
            \"""The second thing holds.\"""

        @needs("test_third")
        def test_lost(answers):
            \"""It needs what has not run.\"""
    """)  # fmt: skip
    assert endings(task) == {"first": "failed", "second": "blocked", "lost": "broken"}
    assert "The first thing holds." in task.checks[1].found


def test_what_waits_for_something_held_back_is_held_back(judge_one: JudgeOne) -> None:
    """Nobody knows yet whether the need holds, so nothing is said to have failed, and a chain of
    such checks waits for one person; where another need has failed, that decides.
    """
    task = judge_one("""
        def test_ours(answers):
            \"""The first thing holds.\"""
            raise RuntimeError("ours")

        def test_theirs(answers):
            \"""The other thing holds.\"""
            raise Failure("a", "b")

        @needs("test_ours")
        def test_second(answers):
            \"""The second thing holds.\"""

        @needs("test_second")
        def test_third(answers):
            \"""The third thing holds.\"""

        @needs("test_ours", "test_theirs")
        def test_both(answers):
            \"""Both hold.\"""
    """)  # fmt: skip
    assert endings(task) == {
        "ours": "broken",
        "theirs": "failed",
        "second": "broken",
        "third": "broken",
        "both": "blocked",
    }
    second, third, both = task.checks[2:]
    assert second.found == (
        "a person has to look first at a check of this task: The first thing holds."
    )
    assert third.found.endswith("The second thing holds.")
    assert both.found == "first this has to hold: The other thing holds."


@pytest.mark.parametrize(
    ("first", "ending", "found"),
    [
        ("raise RuntimeError('ours')", "broken", "a person has to look first at «doubling»"),
        ("raise Failure('a', 'b')", "blocked", "this waits for «doubling»: its own checks have"),
    ],
)
def test_a_task_that_needs_one_that_is_held_back_is_held_back(
    first: str, ending: str, found: str, tmp_path: Path
) -> None:
    """Its points are no zero either."""
    folder, run = tmp_path / "graders" / "residual_networks", tmp_path / "run"
    folder.mkdir(parents=True)
    run.mkdir()
    bodies = {"doubling": first, "quadrupling": "pass"}
    for task, body in bodies.items():
        (folder / f"{task}.py").write_text(dedent(f"""
            from autograder.judge import Call, Failure, needs

            def questions(rng):
                return {{"some": Call("double", (3,))}}

            {'@needs("doubling")' if task == "quadrupling" else ""}
            def test_it(answers):
                \"""It is a number.\"""
                {body}
        """))  # fmt: skip
    (folder / "hints.toml").write_text("")
    found_graders = graders("residual_networks", tmp_path / "graders")
    answered(run, "residual_networks", dict.fromkeys(bodies, "x = 1"), found_graders)
    [check] = verdict(run, "residual_networks", tuple(bodies), tmp_path / "graders").tasks[1].checks
    assert check.ending == ending
    assert check.found.startswith(found)


def test_known_misconceptions_bring_their_hint(judge_one: JudgeOne) -> None:
    """A failure that names a misconception carries the hint that is written for it."""
    task = judge_one("""
        def test_it(answers):
            \"""It holds.\"""
            expect(False, "a", "b", mistake="doubled_itself")
    """)  # fmt: skip
    assert task.checks[0].misconception == "doubled_itself"
    assert "doubled" in task.checks[0].hint


def test_missing_functions_fail(judge_one: JudgeOne) -> None:
    """What is not defined fails the check, and the error that stopped the cell is told."""
    task = judge_one("""
        def test_it(answers):
            \"""It holds.\"""
            answers.value("double")
    """, "dobule = 1 / 0")  # fmt: skip
    assert endings(task) == {"it": "failed"}
    assert (
        task.checks[0].found
        == "your cell stopped with ZeroDivisionError: division by zero; «double» is not defined"
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ('Call("quadruple", (3,))', "NameError: name 'double' is not defined"),
        ('Snippet("answer = notebook.double(notebook.quadruple(3))")', "«double» is not defined"),
    ],
)
def test_a_name_that_an_earlier_task_owes_is_waited_for(
    asked: str, found: str, tmp_path: Path
) -> None:
    """Whether the later answer or the question reads it, the task that is asked for it is named."""
    folder, run = tmp_path / "graders" / "residual_networks", tmp_path / "run"
    folder.mkdir(parents=True)
    run.mkdir()
    for task, question in {"doubling": 'Call("double", (3,))', "quadrupling": asked}.items():
        (folder / f"{task}.py").write_text(dedent(f"""
            from autograder.answers.questions import Call, Snippet

            def questions(rng):
                return {{"some": {question}}}

            def test_it(answers):
                \"""It is a number.\"""
                answers.value("some")
        """))  # fmt: skip
    (folder / "hints.toml").write_text("")
    cells = {"doubling": "def duoble(n): return 2 * n",
             "quadrupling": "def quadruple(n): return double(double(n))"}  # fmt: skip
    answered(run, "residual_networks", cells, graders("residual_networks", tmp_path / "graders"))
    tasks = verdict(run, "residual_networks", tuple(cells), tmp_path / "graders").tasks
    assert [check.ending for task in tasks for check in task.checks] == ["failed", "blocked"]
    assert tasks[1].checks[0].found == f"this waits for «doubling»: {found}"


def test_a_remark_stands_beside_a_check_that_passes(judge_one: JudgeOne) -> None:
    """What a check says without taking points is the hint of its record,
    whichever of its cases said it; where the check fails, it is not said.
    """
    task = judge_one("""
        @cases("double", "x")
        def test_passes(case):
            \"""It holds.\"""
            if case.name == "double":
                case.remark("Seen and forgiven.")

        @cases("double", "x")
        def test_fails(case):
            \"""It holds not.\"""
            case.remark("Seen and forgiven.")
            expect(case.name == "double", "a", "b")
    """)  # fmt: skip
    passed, failed = task.checks
    assert (passed.ending, passed.hint, passed.misconception) == (
        "passed",
        "Seen and forgiven.",
        None,
    )
    assert (failed.ending, failed.hint) == ("failed", "")


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("x = None", "None"),
        (
            "x = None\nimport nowhere",
            (
                "your cell stopped with ModuleNotFoundError: the grading room does not have "
                "`nowhere`; it has Python's standard library, tensorflow, and no file of yours but "
                "the notebook; x is None"
            ),
        ),
    ],
)
def test_a_variable_without_a_value_is_told_with_the_error_that_came_first(
    judge_one: JudgeOne, cell: str, found: str
) -> None:
    """A cell that died before it had anything to hand over is told by its error."""
    task = judge_one("""
        def test_it(answers):
            \"""It holds.\"""
            answers.architecture("x")
    """, cell)  # fmt: skip
    assert endings(task) == {"it": "failed"}
    assert task.checks[0].found == found
    assert bool(task.checks[0].hint) == ("import" in cell)


@pytest.mark.parametrize(
    ("code", "cell", "found"),
    [
        ("notebook.double(2)", "def double(n): return 1 / 0", "double raised ZeroDivisionError"),
        ("notebook.double(2, 3)", "def double(n): return n", "double raised TypeError"),
        ("notebook.double(2) + 1", "def double(n): pass", "using what double gave raised TypeErr"),
        ("fit(notebook.double(2), 1, 1)", "def double(n): pass", "training with what double gave "),
        ('notebook[given["name"]](2)', "def double(n): return 1 / 0", "double raised ZeroDiv"),
        (
            "notebook.halve(notebook.double(2))",
            "def double(n): return 2 * n\ndef halve(n): return n / 0",
            "halve or double raised ZeroDivisionError",
        ),
        (
            "notebook.halve(notebook.double(2))",
            "def double(n): return 2 * n\ndef halve(): return 1",
            "halve raised TypeError",
        ),
    ],
)
def test_an_error_is_told_of_what_raised_it(
    judge_one: JudgeOne, code: str, cell: str, found: str
) -> None:
    """A function that returned did not raise: what the question did with its answer did."""
    task = judge_one(f"""
        from autograder.answers.questions import Snippet

        def questions(rng):
            return {{"some": Snippet('answer = {code}', {{"name": "double"}})}}

        def test_it(answers):
            \"""It holds.\"""
            answers.value("some")
    """, cell)  # fmt: skip
    assert task.checks[0].found.startswith(found)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("expected ':' (2598710766.py, line 3)", "expected ':' (line 3 of the cell)"),
        ('in File "/tmp/ipykernel_7/318.py", line 6, in call', "in line 6 of the cell, in call"),
        ("no such file: 2021.py", "no such file: 2021.py"),
    ],
)
def test_a_cell_is_not_called_by_its_file(message: str, said: str) -> None:
    """The number by which IPython calls a cell tells a student nothing."""
    assert told(CellError("SyntaxError", message)) == f"SyntaxError: {said}"


@pytest.mark.parametrize(
    ("cell", "found", "version"),
    [
        ("def double(n)\n    return n", "your cell could not start: SyntaxError: ", True),
        ("compile('1 +', 'text', 'eval')", "your cell stopped with SyntaxError: ", False),
        ("1 / 0", "your cell stopped with ZeroDivisionError: ", False),
    ],
)
def test_a_cell_that_python_cannot_read_never_started(
    judge_one: JudgeOne, cell: str, found: str, version: bool
) -> None:
    """It is not said to have stopped; one that ran and met such an error elsewhere is. At home it
    may be read by a newer Python, so it is said which one reads it here.
    """
    task = judge_one("""
        def test_it(answers):
            \"""It holds.\"""
            answers.value("double")
    """, cell)  # fmt: skip
    assert task.checks[0].found.startswith(found)
    assert (f"Python 3.{sys.version_info.minor} reads it here" in task.checks[0].hint) == version


def test_several_arrays_are_not_one(judge_one: JudgeOne) -> None:
    """The first of them is not taken for the answer."""
    task = judge_one("""
        def test_it(answers):
            \"""It holds.\"""
            answers.array("x")
    """, "import numpy as np\nx = [np.zeros(2), np.zeros(3)]")  # fmt: skip
    assert endings(task) == {"it": "failed"}
    assert task.checks[0].found == "an object of type list that holds 2 arrays"


def test_text_of_the_student_is_short_and_plain(judge_one: JudgeOne) -> None:
    """Escape sequences, control and direction characters don't reach the report,
    and neither does a flood.
    """
    task = judge_one(
        """
        def test_it(answers):
            \"""It holds.\"""
            answers.value("double")
    """,
        r"def double(n): raise ValueError('\x1b[31mred\x1b]0;title\x07\u202e\x00' + 'a' * 10_000)",
    )
    found = task.checks[0].found
    assert "ValueError: redaaa" in found
    assert len(found) < 600
    assert all(character.isprintable() for character in found)


def test_options_of_whoever_grades_are_for_their_own_tests(
    judge_one: JudgeOne, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the environment says to pytest changes no grade."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-vv -k nothing")
    monkeypatch.setenv("PYTEST_PLUGINS", "not_there")
    task = judge_one('''
        @cases("double")
        def test_doubles(case):
            """It doubles."""
            expect(case.value == 2 * case.args[0], "twice as much", case.value)
    ''', "def double(n): return 2 * n")  # fmt: skip
    assert endings(task) == {"doubles": "passed"}


def test_by_hand(tmp_path: Path) -> None:
    """`pytest grader.py --run DIR` judges one file and shows expected, found and hint."""
    folder, run = tmp_path / "graders" / "toy", tmp_path / "runs" / "toy" / "alice"
    folder.mkdir(parents=True)
    (tmp_path / "course.toml").touch()
    (folder / "hints.toml").write_text(HINTS)
    grader = folder / "doubling.py"
    body = """
        def test_double(answers):
            \"""It doubles.\"""
            found = answers.value("double")
            expect(found == 0, "0", found, mistake="doubled_itself")
    """
    grader.write_text(dedent(HEAD) + dedent(body))
    cells = {"doubling": "def double(n): return 77"}
    answered(run, "toy", cells, graders("toy", tmp_path / "graders"))
    shown = by_hand(tmp_path, grader, "--run", run)
    assert "failed: It doubles." in shown
    assert "found: 77" in shown
    assert "misconception: doubled_itself" in shown
    assert "1 failed" in shown


def by_hand(folder: Path, *arguments: Path | str) -> str:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "autograder.judge.plugin",
        "-p",
        "no:cacheprovider",
        *arguments,
    ]
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder, env=env
    ).stdout


def test_inert_without_a_run(tmp_path: Path) -> None:
    """In any other project the plugin offers no fixtures and collects no files."""
    (tmp_path / "test_other.py").write_text("def test_it(answers): pass\n")
    shown = by_hand(tmp_path, tmp_path)
    assert "fixture 'answers' not found" in shown
