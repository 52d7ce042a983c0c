"""Shards from machines without a common disk become one class; what does not belong is refused."""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from toy import DOUBLE, RIGHT, grade_here, hand_in, scores, totals, toy_course

from autograder.bench import open_bench
from autograder.cli.main import main
from autograder.course import Course, find_course
from autograder.grading import merging
from autograder.grading.merging import Merged, merge
from autograder.grading.stages import ensure_verdict, stored_verdict
from autograder.rooms.here import RoomsHere

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

WRONG = {**RIGHT, "double": "def double(x):\n    return x + 2\n"}
CLASS = {f"s{number}": (RIGHT, WRONG)[number % 2] for number in range(6)}
POINTS = {student: 10.0 if cells is RIGHT else 0.0 for student, cells in CLASS.items()}
RUN = "run.json"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A class of six in the instructor's copy of the course, the working directory in it."""
    found = toy_course(tmp_path / "here")
    for student, cells in CLASS.items():
        hand_in(found, student, cells)
    monkeypatch.chdir(found.root)
    return found


def copy_of(course: Course, name: str) -> Course:
    """Another machine's copy, at another place."""
    place = course.root.parent / name / "a longer way" / "to it"
    shutil.copytree(course.root, place, ignore=shutil.ignore_patterns("runs"))
    return find_course(place)


def there(course: Course, *students: str) -> Path:
    """The folder runs/ of a copy in which these are graded."""
    other = copy_of(course, "there")
    for student in students:
        grade_here(other, student)
    return other.runs


def status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as raised:
        main(list(arguments))
    return int(raised.value.code or 0)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


@pytest.mark.slow
def test_three_shards_of_three_machines_are_one_class(
    course: Course, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody runs anything again; gradebook, feedback, report and results are the whole class's."""
    machines = [copy_of(course, f"machine {number}") for number in (1, 2, 3)]
    for number, machine in enumerate(machines, 1):
        monkeypatch.chdir(machine.root)
        assert status("grade", "--shard", f"{number}/3") == 0
    monkeypatch.chdir(course.root)
    assert status("merge", str(machines[0].root)) == 1, "the others are still to come"
    assert "not graded: not run yet" in said(capsys)
    folders = [str(machines[1].root), str(machines[2].runs)]
    assert status("merge", *folders, "--json", "class.json") == 0
    assert totals(course) == POINTS
    assert {one["student"] for one in json.loads(Path("class.json").read_text())["students"]} == {
        *POINTS
    }
    for student, points in POINTS.items():
        assert (scores(course, student)["double_check"] or 0.0) == (8.0 if points else 0.0)
        page = course.root / "feedback" / student / "toy" / "toy.html"
        assert page.exists()
    before = {path: path.stat().st_mtime_ns for path in course.runs.rglob("run.json")}
    capsys.readouterr()
    assert status("merge", str(machines[0].root), *folders) == 0, "a second time nothing is new"
    assert "runs: 6 here already toy:" in said(capsys)
    assert status("grade") == 0, "nothing is left to run"
    assert {path: path.stat().st_mtime_ns for path in before} == before


def edit(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


def change(run: Path, **fields: Any) -> None:
    edit(run / "verdict.json", **fields)


def put(text: str) -> Callable[[Course, Path], None]:
    """The part of a run that is named so was another one there."""

    def make(course: Course, run: Path) -> None:
        path = run / "depends.json"
        depends = json.loads(path.read_text())
        for parts in depends.values():
            if text in parts:
                parts[text] = "0.1"
        path.write_text(json.dumps(depends))

    return make


def weigh_down(course: Course, run: Path) -> None:
    """A failed check that takes away from what the passed one is divided by."""
    tasks = json.loads((run / "verdict.json").read_text())["tasks"]
    failed, passed = tasks[0]["checks"]
    failed.update(ending="failed", weight=-passed["weight"] / 2)
    tasks[0]["score"] = 2 * tasks[0]["max_score"]
    change(run, tasks=tasks, score=tasks[0]["score"] + tasks[1]["score"])


def never_ran(course: Course, run: Path) -> None:
    """As if nobody could have read the notebook."""
    tasks = json.loads((run / "verdict.json").read_text())["tasks"]
    tasks = [{**task, "score": 0.0, "checks": [], "leans": None} for task in tasks]
    change(run, tasks=tasks, score=0.0, status="unreadable")
    depends = json.loads((run / "depends.json").read_text())
    del depends["run"]["the submission as rebuilt"]
    edit(run / "depends.json", **depends)
    for name in (RUN, "questions.json"):
        (run / name).unlink()


def edit_grader(course: Course, run: Path) -> None:
    path = course.graders / "toy" / "double.py"
    path.write_text(path.read_text().replace("Multiply by 2.", "Add it to itself."))


def link(course: Course, run: Path) -> None:
    (run / "executed.ipynb").unlink()
    (run / "executed.ipynb").symlink_to(course.root / "course.toml")


def pipe(course: Course, run: Path) -> None:
    os.mkfifo(run / "artefacts" / "double" / "more.json")


def deep(course: Course, run: Path) -> None:
    (run / "artefacts" / "double" / "more" / "x").mkdir(parents=True)


REFUSED: dict[str, tuple[Callable[[Course, Path], object], str]] = {
    "another grader": (edit_grader, "another version of the course: graders/toy/double.py changed"),
    "another library": (put("package keras"), "package keras is 0.1 there, "),
    "another Python": (put("Python"), "Python is 0.1 there, "),
    "another submission": (
        lambda course, _: hand_in(course, "s0", {**RIGHT, "double": DOUBLE + "\n# new"}),
        "the submission is another one here",
    ),
    "nothing handed in": (
        lambda course, _: shutil.rmtree(course.root / "submitted" / "s0"),
        "nothing is handed in here",
    ),
    "more points": (lambda _, run: change(run, score=11.0), "not what its checks come to"),
    "more points by a weight below zero": (weigh_down, "not what its checks come to"),
    "a submission called unreadable that isn't": (never_ran, "not what its checks come to"),
    "a seed of which nothing is drawn": (
        lambda _, run: edit(run / RUN, seed=-1), "not what its checks come to",
    ),
    "another's record": (lambda _, run: change(run, student="s1"), "the run of another"),
    "half a record": (
        lambda _, run: (run / RUN).write_text((run / RUN).read_text()[:-20]),
        "it is damaged",
    ),
    "no answers": (lambda _, run: shutil.rmtree(run / "artefacts"), "or damaged"),
    "a link": (link, "«executed.ipynb» is no plain file"),
    "a pipe": (pipe, "«artefacts/double/more.json» is no plain file"),
    "too deep": (deep, "«artefacts/double/more» is no plain file"),
    "a name that nobody has": (
        lambda _, run: run.rename(run.with_name("s*")), "no student can have that name",
    ),
    "another course": (
        lambda _, run: run.parent.rename(run.parent.with_name("tox")), "did you mean «toy»",
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", REFUSED)
def test_what_does_not_belong_is_refused_by_name(course: Course, how: str) -> None:
    """And is nowhere in this course then; the others are taken over."""
    make, why = REFUSED[how]
    runs = there(course, "s0", "s2")
    make(course, runs / "toy" / "s0")
    bad, good = sorted(merged(course, runs), key=lambda one: one.stored.student == "s2")
    assert (bad.what, why in bad.why) == ("refused", True), str(bad)
    whole = how not in {"another grader", "another course"}
    assert good.what == ("taken over" if whole else "refused")
    assert not course.run_dir("toy", "s0").exists()
    assert list(course.runs.glob("toy/.*")) + list(course.runs.glob(".merge*")) == []
    assert course.run_dir("toy", "s2").exists() == whole


def merged(course: Course, *runs: Path, trust: bool = False) -> list[Merged]:
    return merge(course, runs, Console(file=io.StringIO()), trust=trust)


def test_two_runs_of_one_submission_are_one_result(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that is named first, then the one that is here; if the other has other points, that
    is said.
    """
    lucky = "import os\n\n\ndef double(x):\n    return 2 * x * ('LUCKY' in os.environ)\n"
    hand_in(course, "s0", {**RIGHT, "double": lucky})
    second = there(course, "s0", "s2")
    second = second.rename(course.root.parent / "second")
    monkeypatch.setenv("LUCKY", "1")
    shutil.rmtree(course.root.parent / "there")
    first = there(course, "s0", "s2")
    ours = [str(one).rpartition(" (")[0] for one in merged(course, first, second)]
    counts = "another run of the same submission counts, with 10 points (graded)"
    assert ours == [
        "toy, s0: taken over",
        "toy, s2: taken over",
        f"toy, s0: left out: {counts}; this one has 2 (graded)",
        "toy, s2: here already",
    ]
    again = [one.what for one in merged(course, second, first)]
    assert again == ["left out", "here already", "here already", "here already"]
    assert stored_verdict(course, "toy", "s0").score == 10.0


def test_a_run_in_rooms_too_open_is_refused_unless_submissions_are_trusted(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """Status 3, as where the rooms of this machine are."""
    other = copy_of(course, "there")
    ensure_verdict(open_bench(other, "toy"), "s0", RoomsHere("none"))
    hand_in(other, "s2").write_text("no notebook")
    shutil.copy(other.submission("toy", "s2"), course.submission("toy", "s2"))
    ensure_verdict(open_bench(other, "toy"), "s2", RoomsHere("none"))
    settings = (course.root / "course.toml").read_text()
    (course.root / "course.toml").write_text(settings.replace('"none"', '"strong"'))
    assert status("merge", str(other.runs)) == 3
    text = said(capsys)
    assert "toy, s0: refused: the course demands rooms of isolation «strong», it was run in" in text
    assert "runs: 1 taken over, 1 refused" in text, "nothing of the second was executed"
    assert status("merge", str(other.runs), "--trust-submissions") == 1
    assert stored_verdict(course, "toy", "s0").score == 10.0


def test_a_refused_run_is_the_only_one_of_a_student(course: Course) -> None:
    """Status 1, as of one who is not graded; where another run of theirs counts, 0."""
    for student in set(CLASS) - {"s0"}:
        shutil.rmtree(course.submission("toy", student).parent.parent)
    runs = there(course, "s0")
    shutil.copytree(runs / "toy" / "s0", runs / "toy" / "stranger")
    good = shutil.copytree(runs, course.root.parent / "good", dirs_exist_ok=True)
    change(runs / "toy" / "s0", score=11.0)
    assert status("merge", str(runs)) == 1
    assert status("merge", str(good)) == 1
    shutil.rmtree(good / "toy" / "stranger")
    shutil.rmtree(runs / "toy" / "stranger")
    assert status("merge", str(runs), str(good)) == 0


def test_explaining_says_what_would_become_of_each_run(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """And does none of it."""
    runs = there(course, "s0", "s2")
    change(runs / "toy" / "s2", score=11.0)
    assert status("merge", str(runs), "--explain") == 0
    text = said(capsys)
    assert f"toy, s0: taken over ({runs / 'toy' / 's0'}) toy, s2: refused: its verdict" in text
    assert not course.run_dir("toy", "s0").exists()
    assert not (course.runs / "toy.json").exists()


def test_a_folder_without_runs_is_a_wrong_call(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty shard beside others is none."""
    assert status("merge", str(course.root / "release")) == 2
    assert "no run in" in said(capsys)
    assert status("merge", str(course.root / "nowhere")) == 2
    runs = there(course, "s0")
    (empty := course.root.parent / "empty" / "runs").mkdir(parents=True)
    assert status("merge", str(empty), str(runs)) == 1
    assert "runs: 1 taken over" in said(capsys)


def test_interrupted_it_leaves_what_is_whole(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while the second is copied; the next call takes that one and the third."""
    runs = there(course, "s0", "s2", "s4")
    copy = merging._copy_file

    def stop(source: Path, target: Path, name: str) -> int:
        if "s2" in source.parts and name == RUN:
            raise KeyboardInterrupt
        return copy(source, target, name)

    with monkeypatch.context() as patch:
        patch.setattr(merging, "_copy_file", stop)
        with pytest.raises(KeyboardInterrupt):
            merged(course, runs)
    assert sorted(path.name for path in course.runs.glob("toy/*")) == ["s0"]
    assert [one.what for one in merged(course, runs)] == ["here already"] + 2 * ["taken over"]


def test_what_can_not_be_read_there_is_refused(course: Course) -> None:
    """Whoever may read everything is not asked."""
    runs = there(course, "s0", "s2")
    (runs / "toy" / "s0" / RUN).chmod(0)
    if os.access(runs / "toy" / "s0" / RUN, os.R_OK):
        pytest.skip("root reads everything")
    assert [one.what for one in merged(course, runs)] == ["refused", "taken over"]
