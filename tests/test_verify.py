"""Verification: what counts as a deviation, and a small bank through real rooms."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from answering import OWN
from click.testing import CliRunner
from rich.console import Console
from toy import RIGHT, grade_here, hand_in, toy_course

from autograder.bench import open_bench
from autograder.cli.verify import verify_command
from autograder.course import find_course
from autograder.errors import AutograderError, RoomError, UsageError
from autograder.grading.stages import Overloaded
from autograder.judge.room import TARGET, judge
from autograder.proofs import known
from autograder.proofs.bank import Recipe
from autograder.proofs.comparing import compare
from autograder.proofs.known import Result
from autograder.proofs.proof import read_proof
from autograder.proofs.verify import THRESHOLDS, _Queue, _refused, _side_by_side, verify
from autograder.records import Check, Run, TaskVerdict, Verdict, read_verdict, to_json
from autograder.rooms import student
from autograder.rooms.here import RoomsHere
from autograder.rooms.room import Called
from autograder.rooms.student import Order, run_submission
from autograder.sample import lay_out

ROOT = Path(__file__).parent.parent


def recipe(**wanted: object) -> Recipe:
    """A recipe that replaces the block."""
    return Recipe(Path("mistake.py"), "a mistake", "toy", {"block": ""}, **wanted)  # type: ignore[arg-type]


def verdict(share: float, misconception: str | None = None, status: str = "graded") -> Verdict:
    """A verdict on one task of ten points with two checks."""
    checks = (
        Check("works", "passed", 1.0, "It works."),
        Check(
            "shape",
            "passed" if share == 1 else "failed",
            1.0,
            "The shape.",
            "8×8",
            "4×4",
            "Look at the strides.",
            misconception,
        ),
    )
    task = TaskVerdict("block", 10 * share, 10.0, checks)
    return Verdict("toy", "s", "k", status, "strong", 10 * share, 10.0, 0.0, (task,))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wanted", "found", "kinds"),
    [
        ({}, verdict(1.0), []),
        ({}, verdict(0.5), ["false fail"]),
        ({"score": {"block": (0.0, 0.4)}}, verdict(0.5), ["false pass"]),
        ({"score": {"block": (0.4, 0.6)}}, verdict(0.5), []),
        (
            {"score": {"block": (0.5, 0.5)}, "misconception": {"block": "late"}},
            verdict(0.5, "late"),
            [],
        ),
        (
            {"score": {"block": (0.5, 0.5)}, "misconception": {"block": "late"}},
            verdict(0.5),
            ["misconception"],
        ),
        ({}, verdict(0.5, "late"), ["false fail", "misconception"]),
        ({}, verdict(1.0, status="timeout"), ["status"]),
        ({"allowed_status": ("timeout",)}, verdict(1.0, status="timeout"), []),
        ({"score": {"block": (0.5, 0.5)}, "hint_should_mention": "STRIDES"}, verdict(0.5), []),
        (
            {"score": {"block": (0.5, 0.5)}, "hint_should_mention": "padding"},
            verdict(0.5),
            ["hint"],
        ),
    ],
)
def test_what_comes_out_otherwise_is_named(
    wanted: dict[str, object], found: Verdict, kinds: list[str]
) -> None:
    """Scores above and below the range, statuses, misconceptions named or not, hints."""
    assert [deviation.kind for deviation in compare(recipe(**wanted), found)] == kinds


@pytest.mark.parametrize(
    ("expected", "found", "kinds"),
    [
        ("blocks that give 64×64, 32×32", "64×64, 32×32", ["text"]),
        ("3 blocks", "3 blocks", ["text"]),
        ("blocks that give 64×64, 32×32", "64×64", []),
        ("labels from 0 to 5", "5", []),
        ("at least 4 blocks", "3 blocks", []),
    ],
)
def test_a_finding_that_is_what_was_expected_is_found_out(
    expected: str, found: str, kinds: list[str]
) -> None:
    """A student who reads it learns nothing: ours to mend."""
    (task,) = verdict(0.5).tasks
    checks = tuple(replace(c, ending="failed", expected=expected, found=found) for c in task.checks)
    wrong = replace(verdict(0.5), tasks=(replace(task, checks=checks[:1]),))
    deviations = compare(recipe(score={"block": (0.0, 1.0)}), wrong)
    assert [deviation.kind for deviation in deviations] == kinds


def test_a_threshold_without_a_record_is_refused(tmp_path: Path) -> None:
    """A grader that uses a threshold, and a course in which it was never measured:
    told with what to do.
    """
    name = "residual_networks"
    course = lay_out(OWN, tmp_path, [name])
    (course.graders / name / "calibration.json").write_text("{}", encoding="utf-8")

    [outcome] = _refused(open_bench(course, name))
    assert (outcome.name, [deviation.kind for deviation in outcome.deviations]) == (
        THRESHOLDS,
        ["threshold"],
    )
    assert (
        "train_classifier: its threshold was never measured; run autograder calibrate"
        in outcome.deviations[0].found
    )


@pytest.mark.slow
def test_a_small_bank_through_real_rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right and wrong submissions come out as they should,
    and a recipe that expects too much is found out.
    """
    bank = tmp_path / "residual_networks"
    bank.mkdir()
    for name in ("adds_tensor_to_itself", "arithmetic_with_ceil", "unet_skip_after_pooling"):
        source = ROOT / "tests" / "bank" / "residual_networks" / f"{name}.py"
        (bank / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    spoilt = (
        '"""Forgets everything.\n---\nassignment = "residual_networks"\n---\n"""\n'
        "# %% conv_arithmetic\npass\n"
    )
    (bank / "expects_too_much.py").write_text(spoilt, encoding="utf-8")
    monkeypatch.chdir(ROOT)
    written = tmp_path / "out.json"
    result = CliRunner().invoke(
        verify_command, ["residual_networks", "--bank", str(tmp_path), "--json", str(written)]
    )
    outcomes = json.loads(written.read_text(encoding="utf-8"))["residual_networks"]
    wrong = {
        outcome["name"]: [d["kind"] for d in outcome["deviations"]]
        for outcome in outcomes
        if outcome["deviations"]
    }
    assert wrong == {"expects_too_much": ["false fail"]}
    assert len(outcomes) == 7
    named = {
        outcome["name"]: outcome["misconceptions"].get("residual_block", []) for outcome in outcomes
    }
    assert named["adds_tensor_to_itself"] == ["adds_tensor_to_itself"]
    assert named["(reference)"] == []
    assert result.exit_code == 1


# --- what is remembered, with rooms that are none ---------------------------------------------

RECIPES = {
    "zero": (
        '"""Gives nothing.\n---\nassignment = "toy"\n[score]\ndouble = 0.25\ntriple = 0\n---\n"""\n'
        "# %% double\ndef double(x):\n    return 0 * x\n"
    ),
    "sum": (
        '"""Adds in a row.\n---\nassignment = "toy"\n---\n"""\n'
        "# %% triple\ndef triple(x):\n    return x + x + x\n"
    ),
}
DOUBLE_GRADER = Path("graders/toy/double.py")
EVERYTHING = {
    "run (all cells)", "run (reference)", "run (untouched release)", "run zero", "run sum",
    "judge (reference)", "judge (untouched release)", "judge zero", "judge sum",
}  # fmt: skip


class Counted(RoomsHere):
    """Rooms that count what is run and judged in them; `interrupted_at` that many, as by Ctrl-C."""

    def __init__(self, interrupted_at: int = 0) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.asked: list[str] = []
        self.judged: dict[str, list[str]] = {}  # by known submission, the tasks
        self.interrupted_at = interrupted_at

    def run(self, order: Order, *place: Any) -> Run:
        """As `run_submission`, counted."""
        self._count(f"run {order.student}")
        self.asked += sorted(order.tasks or ())
        return run_submission(order, *place)

    def call(self, function: str, payload: Any, *place: Any, **others: Any) -> Called:
        """As in rooms that are none, counted."""
        if "run_dir" in payload and function == TARGET:
            self.judged[Path(payload["run_dir"]).name] = payload["tasks"]
            self._count(f"judge {Path(payload['run_dir']).name}")
        return super().call(function, payload, *place, **others)

    def _count(self, what: str) -> None:
        self.seen.append(what)
        if len(self.seen) == self.interrupted_at:
            raise KeyboardInterrupt


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """The root of the toy course with a bank of two."""
    course = toy_course(tmp_path)
    for name, text in RECIPES.items():
        (course.bank / "toy").mkdir(parents=True, exist_ok=True)
        (course.bank / "toy" / f"{name}.py").write_text(text)
    return course.root


@pytest.fixture
def verified(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Counted, list[Result]]]:
    """Verifies the toy course as a new process would: what was done, and what came of it."""

    def once(jobs: int = 1, interrupted_at: int = 0) -> tuple[Counted, list[Result]]:
        course, rooms = find_course(toy), Counted(interrupted_at)
        monkeypatch.setattr(known, "run_submission", rooms.run)
        monkeypatch.setattr(student, "run_submission", rooms.run)  # asking again runs too
        proofs = [read_proof(course, "toy", course.bank)]
        console = Console(quiet=True)
        [found] = verify(proofs, lambda: contextlib.nullcontext(rooms), jobs, console)
        assert found.remembered == 5 - len({what.partition(" ")[2] for what in rooms.seen})
        return rooms, list(found.results)

    return once


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in the file."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_second_verify_does_nothing(verified: Any, toy: Path) -> None:
    """No room is opened, and what is said is the same."""
    rooms, first = verified(jobs=2)
    assert (set(rooms.seen), len(rooms.seen)) == (EVERYTHING, len(EVERYTHING))
    assert [one.name for one in first if one.deviations] == []
    rooms, second = verified()
    assert (rooms.seen, second) == ([], first)
    proof = read_proof(find_course(toy), "toy", toy / "bank")
    [found] = verify([proof], lambda: pytest.fail("a room"), 1, Console(quiet=True))
    assert list(found.results) == first


@pytest.mark.parametrize(
    ("file", "old", "new", "done"),
    [
        (
            DOUBLE_GRADER,
            'hint="Multiply by 2."',
            'hint="Twice."',
            {what for what in EVERYTHING if what.startswith("judge")},
        ),
        ("bank/toy/sum.py", "x + x + x", "x * 3", {"run sum", "judge sum"}),
        ("bank/toy/sum.py", "Adds in a row.", "Adds.", set()),
        ("course.toml", "cell_seconds = 20", "cell_seconds = 21", EVERYTHING),
        ("course.toml", "jobs = 2", "jobs = 1", set()),
        (
            "source/toy/toy.ipynb",
            "return double(x) + x",
            "return x + double(x)",
            EVERYTHING - {"run (untouched release)", "judge (untouched release)"},
        ),
    ],
)
def test_an_edit_makes_just_what_depends_on_it(
    verified: Any, toy: Path, file: str, old: str, new: str, done: set[str]
) -> None:
    """A grader: judged again. A recipe: that one. What all runs depend on: everything."""
    verified()
    edit(toy / file, old, new)
    rooms, results = verified()
    assert (set(rooms.seen), len(rooms.seen)) == (done, len(done))
    assert not any(one.deviations for one in results)


@pytest.mark.parametrize("needs", ['("double",)', "()"])
def test_tasks_are_judged_with_their_base_only_if_nothing_else_can_come_out(
    verified: Any, toy: Path, needs: str
) -> None:
    """The verdicts are those of judging every task; one that looks at another task's answers goes
    with it, whether it says so or not.
    """
    grader = toy / "graders/toy/triple.py"
    edit(grader, 'NEEDS = ("double",)', f"NEEDS = {needs}")
    look = '    answers.of("double").values("none")\n'
    edit(grader, '    """Three times the number comes back."""\n',
         f'    """Three times the number comes back."""\n{look}')  # fmt: skip
    rooms, _ = verified()
    assert rooms.judged["zero"] == ["double", "triple"]
    assert rooms.judged["sum"] == ["triple"]
    bench = open_bench(find_course(toy), "toy")
    for name in ("zero", "sum"):
        folder = toy / "runs" / "verify" / "toy" / name
        before = read_verdict(folder / "verdict.json").tasks
        assert judge(folder, bench, RoomsHere()).tasks == before


# --- what is run and asked is what grading runs -----------------------------------------------

USES_DOUBLE = "six = double(3)\n\n\ndef triple(x):\n    return six * x // 2"


def verified_recipe(toy: Path, header: str, cell: str) -> Result:
    """What comes of one recipe, in a bank of its own, where no task says which ones it needs."""
    grader = toy / "graders/toy/triple.py"
    grader.write_text(grader.read_text().replace('NEEDS = ("double",)', "NEEDS = ()"))
    bank = toy / "own" / "toy"
    bank.mkdir(parents=True)
    text = f'"""One.\n---\nassignment = "toy"\n{header}\n---\n"""\n# %% {cell}\n'
    (bank / "one.py").write_text(text)
    proofs = [read_proof(find_course(toy), "toy", toy / "own")]
    here = RoomsHere()
    [found] = verify(proofs, lambda: contextlib.nullcontext(here), 1, Console(quiet=True))
    return next(one for one in found.results if one.name == "one")


def calibrate(toy: Path) -> None:
    """Have the second task count as trained."""
    (toy / "graders/toy/calibration.json").write_text('{"triple": {}}')


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (f"triple\n{USES_DOUBLE}", ""),
        ("double\ndef double(x):\n    return 4 * x", "double = 0.25\ntriple = 0"),
        ("double\ndef double(x, y):\n    return 2 * x", "double = 0\ntriple = 0"),
        ("double\ndef twice(x):\n    return 2 * x", "double = 0\ntriple = 0"),
        ("double\ndef double(x:\n    return 2 * x", "double = 0\ntriple = 0"),
        ("double\nimport sys\n\n\ndef double(x):\n    return x + x", ""),
    ],
)
@pytest.mark.parametrize("trained", [False, True])
def test_verify_says_what_grading_says(toy: Path, cell: str, said: str, *, trained: bool) -> None:
    """A cell that uses an earlier answer finds it; one that changes an earlier answer changes what
    leans on it, whether a task says that it needs it or the syntax tree does.
    """
    if trained:
        calibrate(toy)
    result = verified_recipe(toy, f"[score]\n{said or 'triple = 1'}", cell)
    assert result.deviations == ()
    task, _, source = cell.partition("\n")
    hand_in(find_course(toy), "alice", RIGHT | {task: source})
    graded = grade_here(find_course(toy), "alice").tasks
    assert result.shares == {task.task: task.score / task.max_score for task in graded}


@pytest.mark.parametrize("said", ["double = 0.25", "double = 0.25\ntriple = [0, 1]"])
def test_a_trained_task_of_which_nothing_is_said_is_left_open(toy: Path, said: str) -> None:
    """It is neither run nor compared nor shown: nobody knows what would come of it."""
    calibrate(toy)
    cell = "double\ndef double(x):\n    return 4 * x"
    result = verified_recipe(toy, f"[score]\n{said}", cell)
    assert (result.shares, result.left_open) == ({"double": 0.25}, ("triple",))
    assert result.deviations == ()


def test_a_section_that_should_have_run_is_an_error_of_ours(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's mistake is to use what the reference defines."""
    monkeypatch.setattr(student, "leaned", lambda *_: {"double": set(), "triple": set()})
    result = verified_recipe(toy, "", f"triple\n{USES_DOUBLE}")
    [deviation] = result.deviations
    assert deviation.kind == "error"
    assert "LeanError: triple did not find double" in deviation.found


def test_a_bank_that_is_not_there_is_an_error(toy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So is one without recipes of the assignment: nothing was verified."""
    monkeypatch.chdir(toy)
    done = CliRunner().invoke(verify_command, ["--bank", "nowhere"])
    assert done.exit_code == 2
    assert "'nowhere' does not exist" in done.output
    (toy / "empty").mkdir()
    with pytest.raises(UsageError, match="there are no recipes of toy in"):
        read_proof(find_course(toy), "toy", toy / "empty")


def test_a_changed_question_runs_what_is_asked_it(verified: Any, toy: Path) -> None:
    """Bases are asked again about the task, recipes that run it run; the others are judged."""
    verified()
    edit(toy / "graders/toy/double.py", "((3,), (-2,))", "((3,), (-2,), (5,))")
    edit(toy / "graders/toy/double.py", "found == [6, -4]", "found == [6, -4, 10]")
    rooms, results = verified()
    assert set(rooms.seen) == EVERYTHING - {"run (all cells)", "run sum"}
    assert rooms.asked == ["double", "double", "double", "triple"]
    assert not any(one.deviations for one in results)
    assert verified()[0].seen == []


@pytest.mark.parametrize("at", range(1, len(EVERYTHING) + 1))
def test_an_interrupted_verify_goes_on(verified: Any, at: int) -> None:
    """What is finished is not done again, wherever it was stopped."""
    with pytest.raises(KeyboardInterrupt):
        verified(interrupted_at=at)
    rooms, results = verified()
    assert len(rooms.seen) == len(EVERYTHING) - at + 1
    assert not any(one.deviations for one in results)


@pytest.mark.parametrize(
    ("lost", "done"),
    [
        ("sum/verdict.json", {"run sum", "judge sum"}),
        ("sum/depends.json", {"run sum", "judge sum"}),
        ("(all cells)/executed.ipynb", {"run (all cells)"}),
        ("(untouched release)/run.json", {"run (untouched release)", "judge (untouched release)"}),
    ],
)
def test_what_is_damaged_is_made_anew(verified: Any, toy: Path, lost: str, done: set[str]) -> None:
    """As if it had never been there."""
    _, first = verified()
    path = toy / "runs" / "verify" / "toy" / lost
    path.write_bytes(path.read_bytes()[:-20])
    rooms, second = verified()
    assert set(rooms.seen) == done
    assert [one.deviations for one in second] == [one.deviations for one in first]


def test_a_deviation_is_remembered_with_its_marker(verified: Any, toy: Path) -> None:
    """Hostile once, hostile until it is run again; another expectation only compares anew."""
    path = toy / "bank" / "toy" / "sum.py"
    edit(path, '"toy"\n', '"toy"\nmarker = "pwned"\n')
    edit(path, "return x", f"open({str(toy / 'pwned')!r}, 'w').close()\n    return 1 + x")
    for times in range(2):
        rooms, results = verified()
        kinds = {one.name: [d.kind for d in one.deviations] for one in results if one.deviations}
        assert kinds == {"sum": ["false fail", "marker"]}
        assert bool(rooms.seen) == (times == 0)
    edit(path, '---\n"""', '[score]\ntriple = 0\n---\n"""')
    rooms, results = verified()
    assert rooms.seen == []
    assert [d.kind for one in results for d in one.deviations] == ["marker"]


def test_given_cells_that_raise_and_public_checks_that_fail_are_found(
    verified: Any, toy: Path
) -> None:
    """In the run of all cells; the reference's points do not hang on them."""
    for folder in ("source", "release"):
        path = toy / folder / "toy" / "toy.ipynb"
        edit(path, "level = 1", "level = 1; 1 / 0")
        edit(
            path, 'print(\\"double exists:\\", callable(double))', "print('✗ no', file=sys.stderr)"
        )
    _, results = verified()
    found = {one.name: [(d.kind, d.task) for d in one.deviations] for one in results}
    assert found["(all cells)"] == [("cell", "cell 2"), ("public check", "double")]
    assert found["(reference)"] == []


def test_what_takes_longest_comes_first(toy: Path, verified: Any) -> None:
    """Bases before all; then by the seconds that they took."""
    verified()
    proof = read_proof(find_course(toy), "toy", toy / "bank")
    for name, seconds in {"sum": 9.0, "zero": 2.0}.items():
        path = proof.folder / name / "run.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"seconds": seconds}))
    _, *work = known.known_submissions(proof)
    queue = _Queue(work)
    assert {queue.take() for _ in range(2)} == set(work[:2])
    assert queue.ready == []
    for recipe in queue.finish(work[0]):
        queue.add(recipe)
    assert [queue.take().recipe.name for _ in range(2)] == ["sum", "zero"]


@pytest.mark.parametrize("error", [Overloaded("late"), RoomError("no room")])
def test_recipes_wait_for_their_base(toy: Path, error: AutograderError) -> None:
    """One that ran out of time beside others is run again alone, and recipes come after it; without
    a base there is no result, and that is said.
    """
    work = known.known_submissions(read_proof(find_course(toy), "toy", toy / "bank"))
    ran: list[tuple[str, bool]] = []

    def make(one: known.Known, *, alone: bool) -> None:
        ran.append((one.recipe.name, alone))
        if one.recipe.name == "(reference)" and not (alone and isinstance(error, Overloaded)):
            raise error
        one.folder.mkdir(parents=True)
        empty = Run("toy", "", "", 0, "graded", "", 0.0, 0.0, ())
        (one.folder / "run.json").write_text(to_json(empty))

    with ThreadPoolExecutor(2) as pool:
        came = {one.recipe.name: why for one, why in _side_by_side(_Queue(work), pool, 2, make)}
    assert len(came) == len(work)
    if isinstance(error, Overloaded):
        again = ran.index(("(reference)", True))
        assert {name for name, _ in ran[again + 1 :]} == {"zero", "sum"}
        assert set(came.values()) == {None}
    else:
        assert "(reference) could not be run: no room" in str(came["zero"])
        assert "zero" not in {name for name, _ in ran}


def test_an_error_of_ours_costs_one_known_submission(toy: Path) -> None:
    """The others go on; where more of it stands is said."""
    work = known.known_submissions(read_proof(find_course(toy), "toy", toy / "bank"))

    def make(one: known.Known, *, alone: bool) -> None:
        one.folder.mkdir(parents=True)
        empty = Run("toy", "", "", 0, "graded", "", 0.0, 0.0, ())
        (one.folder / "run.json").write_text(to_json(empty))
        if one.recipe.name == "zero":
            raise ZeroDivisionError("by nothing")

    with ThreadPoolExecutor(1) as pool:
        came = {one.recipe.name: why for one, why in _side_by_side(_Queue(work), pool, 1, make)}
    log = work[0].folder.parent / "errors.log"
    assert str(came.pop("zero")) == f"ZeroDivisionError: by nothing (more in {log})"
    assert set(came.values()) == {None}
    assert "in make" in log.read_text()


def test_rooms_closed_from_outside_leave_no_result(toy: Path) -> None:
    """A submission that dies because everything stops has not crashed."""
    stop = threading.Event()
    stop.set()
    base = known.known_submissions(read_proof(find_course(toy), "toy", toy / "bank"))[1]
    with pytest.raises(RoomError, match="interrupted"):
        known.ensure(base, RoomsHere(), stop)
    assert not base.folder.exists()


def test_deviations_are_blocks_as_wide_as_the_terminal(
    toy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Name, kind, task, expected and found, each on lines of its own."""
    edit(toy / "bank" / "toy" / "sum.py", "x + x + x", "x")
    grader = toy / "graders" / "toy" / "triple.py"
    edit(grader, '"9 for 3", answers.values("some")', '"9", "not 9, that is, " * 4')
    monkeypatch.chdir(toy)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(
        "autograder.cli.verify.open_rooms", lambda _: contextlib.nullcontext(RoomsHere())
    )
    for arguments, remembered in ([], 0), ([], 5), (["--fresh"], 0):
        done = CliRunner().invoke(verify_command, arguments)
        shown = [line.rstrip() for line in done.output.splitlines()]
        block = shown[shown.index("sum: Adds in a row.") + 1 :]
        assert block[:-1] == [
            "  kind      false fail",
            "  task      triple",
            "  expected  1",
            "  found     0.00: triples: not 9, that is, not 9, that is,",
            "            not 9, that is, not 9, that is,",
            "",
        ]
        assert f"4 of 5 known submissions as expected ({remembered} remembered)" in block[-1]
        assert done.exit_code == 1
