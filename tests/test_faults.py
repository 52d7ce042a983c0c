"""What machine and gradebook refuse: one line that says what, where and what to do; status 2; what
was graded before is kept, and the next call completes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from toy import RIGHT, grade_here, hand_in, scores, toy_course

from autograder.cli.main import main
from autograder.course import Course
from autograder.errors import FaultError
from autograder.faults import written_down
from autograder.files import replacing
from autograder.grading.gradebook import release
from autograder.rooms.here import RoomsHere

KEPT = ". What is graded is kept; the same call goes on from there\n"
ALL = {"double_check": 8.0, "triple_check": 2.0, "why": 0.0}


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The toy course with two submissions, the working directory in it."""
    monkeypatch.chdir(tmp_path)
    found = toy_course(tmp_path)
    for student in ("alice", "bob"):
        hand_in(found, student, RIGHT)
    return found


@pytest.fixture
def ran(course: Course) -> Course:
    """The same where all is run and judged, and nothing is in the gradebook."""
    for student in ("alice", "bob"):
        grade_here(course, student)
    return course


@dataclass(frozen=True)
class Said:
    """What came of a call."""

    status: int
    err: str
    out: str = field(default="", compare=False)


Call = Callable[..., Said]


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """A call of the command line in this process."""

    def called(*arguments: str) -> Said:
        capfd.readouterr()
        with pytest.raises(SystemExit) as raised:
            main(list(arguments))
        said = capfd.readouterr()
        return Said(int(raised.value.code or 0), said.err, said.out)

    return called


def completes(course: Course, call: Call) -> None:
    """Nothing is to be run again, and the next call brings everything into the gradebook."""
    assert call("grade").status == 0
    for student in ("alice", "bob"):
        assert scores(course, student) == ALL
        assert (course.root / "feedback" / student / "toy" / "toy.html").exists()


def results(path: Path) -> dict[str, float]:
    return {one["student"]: one["score"] for one in json.loads(path.read_text())["students"]}


# --- the gradebook ---------------------------------------------------------------------------


def garbage(path: Path) -> None:
    path.write_bytes(b"no database at all " * 500)


def damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:8192] = bytes(8092)
    path.write_bytes(data)


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def other_tables(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as opened:
        opened.execute("CREATE TABLE grade (points INTEGER)")
        opened.commit()


def old_tables(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as opened:
        opened.execute("ALTER TABLE grade RENAME COLUMN extra_credit TO bonus")
        opened.commit()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (garbage, "file is not a database; it is no gradebook: bring back a copy"),
        (damaged, "bring back a copy"),
        (folder, "unable to open database file; a file is expected there"),
        (other_tables, "its tables are those of another nbgrader: keep a copy, then run: nbgrader"),
        (old_tables, "its tables are those of another nbgrader: keep a copy, then run: nbgrader"),
    ],
)
def test_a_broken_gradebook_costs_the_gradebook_alone(
    ran: Course, call: Call, spoil: Callable[[Path], None], said: str
) -> None:
    """Report and results are written, and once it is there again the next call fills it."""
    kept = shutil.copy(ran.gradebook, ran.root / "kept.db")
    spoil(ran.gradebook)
    found = call("grade", "--json", "out.json")
    assert found.status == 2, found
    assert found.err.startswith(f"autograder: the gradebook {ran.gradebook}: ")
    assert said in found.err
    assert found.err.endswith(KEPT)
    assert found.err.count("\n") == 1
    for file in (ran.root / "out.json", ran.runs / "toy.json"):
        assert results(file) == {"alice": 10.0, "bob": 10.0}
    assert "not in the gradebook" in (ran.runs / "toy.html").read_text()
    if ran.gradebook.is_dir():
        ran.gradebook.rmdir()
    shutil.move(kept, ran.gradebook)
    completes(ran, call)


@pytest.mark.slow
def test_a_locked_gradebook_is_waited_for_and_then_said(ran: Course, call: Call) -> None:
    """Another program is in the middle of writing; nbgrader waits five seconds for it."""
    holding = sqlite3.connect(ran.gradebook)
    holding.execute("BEGIN EXCLUSIVE")
    found = call("grade")
    holding.close()
    assert found == Said(
        2,
        f"autograder: the gradebook {ran.gradebook}: database is locked; another program holds it"
        f" (formgrader, sqlite3, a backup): end that{KEPT}",
    )
    assert results(ran.runs / "toy.json") == {"alice": 10.0, "bob": 10.0}
    completes(ran, call)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (Path.unlink, "nbgrader_config.py is missing: copy"),
        (lambda path: path.write_text("def (:\n"), "SyntaxError: invalid syntax"),
    ],
)
def test_what_nbgrader_needs_is_missed_after_grading(
    ran: Course, call: Call, spoil: Callable[[Path], None], said: str
) -> None:
    """Its configuration costs the gradebook alone, too."""
    config = ran.root / "nbgrader_config.py"
    kept = config.read_text()
    spoil(config)
    found = call("grade")
    assert (found.status, found.err.count("\n")) == (2, 1), found
    assert said in found.err
    assert results(ran.runs / "toy.json") == {"alice": 10.0, "bob": 10.0}
    config.write_text(kept)
    completes(ran, call)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (garbage, "file is not a database; it is no gradebook: bring back a copy"),
        (folder, "unable to open database file; a file is expected there"),
    ],
)
def test_a_release_says_itself_what_the_gradebook_met(
    course: Course, spoil: Callable[[Path], None], said: str
) -> None:
    """Nbgrader ends with a traceback that nobody sees, or with an upgrade that would not help."""
    spoil(course.gradebook)
    with pytest.raises(FaultError) as raised:
        release(course, "toy")
    assert str(raised.value).startswith(f"the gradebook {course.gradebook}: ")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_log_without_room_is_lost_and_nothing_else(
    course: Course, capfd: pytest.CaptureFixture[str]
) -> None:
    """Python's logging would print a stack for each of its lines."""
    course.runs.mkdir(exist_ok=True)
    (course.runs / "toy.nbgrader.log").symlink_to("/dev/full")
    template = course.template("toy")
    template.unlink()
    release(course, "toy")
    assert template.is_file()
    assert capfd.readouterr() == ("", "")


# --- files -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("a_folder", "a_folder: Is a directory; a file is expected there"),
        ("a_file/out.json", "{root}/a_file: File exists"),
        ("/proc/out.json", "/proc: No such file or directory"),
    ],
)
def test_a_place_for_results_is_tried_before_anything_is_graded(
    course: Course, call: Call, place: str, said: str
) -> None:
    """Of `--json`: a folder, below a file, where nobody can write."""
    (course.root / "a_folder").mkdir()
    (course.root / "a_file").touch()
    found = call("grade", "--json", place)
    assert (found.status, found.err.count("\n")) == (2, 1), found
    told = f"autograder: --json {place}: nothing can be written there: {said}"
    assert found.err.startswith(told.format(root=course.root))
    assert not (course.runs / "toy").exists()


def test_an_error_that_nobody_foresaw_is_one_line(
    ran: Course, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its type, what it says, and where the whole story is; status 1."""
    report = ran.root / "runs" / "toy.html"
    report.unlink(missing_ok=True)
    monkeypatch.delattr("autograder.grading.report.median")
    found = call("grade")
    log = ran.runs / "autograder.errors.log"
    assert found == Said(
        1,
        f"autograder: NameError: name 'median' is not defined (not foreseen; more in {log})\n",
    )
    assert "Traceback (most recent call last)" in log.read_text()
    monkeypatch.undo()
    monkeypatch.chdir(ran.root)
    completes(ran, call)


@contextlib.contextmanager
def nowhere_for_temporary_files() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", None)
        patch.setattr(tempfile, "_candidate_tempdir_list", lambda: ["/nonexistent"])
        yield


def test_without_a_folder_for_temporary_files_it_is_said_which_to_name(
    course: Course, call: Call
) -> None:
    """Python's own list of places is none that a person can do anything about."""
    assert course.root == Path.cwd()
    with nowhere_for_temporary_files():
        found = call("new", "ci", "gitlab")
    said = "no folder for temporary files can be written; set TMPDIR to one that you may write"
    assert found == Said(2, f"autograder: {said}\n")


def test_what_can_be_written_down_nowhere_is_one_line_still() -> None:
    """An error that nobody foresaw, on a machine that has no place for it."""
    with nowhere_for_temporary_files():
        found = written_down(ValueError("odd"), Path("/proc"))
    assert found == "nowhere: no folder can be written"


@pytest.mark.parametrize("arguments", [("inspect", "--grammar"), ("--version",)])
def test_a_screen_that_goes_to_a_full_disk_is_said(arguments: tuple[str, ...]) -> None:
    """Which file that is, nobody told the call."""
    command = [sys.executable, "-m", "autograder", *arguments]
    with Path("/dev/full").open("w") as screen:
        done = subprocess.run(
            command, stdout=screen, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (2, f"autograder: the standard output: {FULL}\n")


@pytest.mark.parametrize("what", ["file", "link"])
def test_a_folder_takes_the_place_of_what_is_none(tmp_path: Path, what: str) -> None:
    """Of which nothing is left beside it."""
    place = tmp_path / "place"
    place.symlink_to("nowhere") if what == "link" else place.touch()
    with replacing(place) as made:
        (made / "new").touch()
    assert [path.name for path in tmp_path.rglob("*")] == ["place", "new"]


def test_a_grader_with_a_slip_is_one_line(course: Course, call: Call) -> None:
    """File and line of the syntax error; nothing is run."""
    grader = course.graders / "toy" / "double.py"
    grader.write_text(grader.read_text().replace("def questions(rng):", "def questions(rng:"))
    found = call("grade")
    assert (found.status, found.err.count("\n")) == (2, 1), found
    assert found.err.startswith(f"autograder: {grader}:")
    assert "SyntaxError" in found.err
    assert not (course.runs / "toy").exists()


def test_what_was_released_goes_in_the_middle(
    course: Course, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is run by then is kept, and what is missed is said."""
    away = f"import os\nos.rename('{course.root}/release', '{course.root}/gone')\n"
    hand_in(course, "alice", {**RIGHT, "triple": away + RIGHT["triple"]})

    @contextlib.contextmanager
    def here(_: Course) -> Iterator[RoomsHere]:
        yield RoomsHere()

    monkeypatch.setattr("autograder.grading.hands.open_rooms", here)
    found = call("grade", "--jobs", "1")
    missed = f"autograder: {course.template('toy')}: No such file or directory; put it back{KEPT}"
    assert (found.status, found.err.endswith(missed)) == (2, True), found
    assert results(course.runs / "toy.json") == {"alice": 10.0, "bob": 10.0}
    expected = f"expected {course.template('toy')}; run: autograder release toy\n"
    assert call("grade") == Said(2, f"autograder: toy is not released: {expected}")
    (course.root / "gone").rename(course.root / "release")
    completes(course, call)


def in_a_namespace(course: Course, prepare: str, *arguments: str, **env: str) -> Said:
    """A call in a process that sees the machine otherwise: mounts of its own, made by `prepare`."""
    script = f'set -e; {prepare}; exec "$@"'
    command = [sys.executable, "-m", "autograder", *arguments]
    users = [] if os.geteuid() == 0 else ["--map-root-user"]
    done = subprocess.run(
        ["unshare", *users, "--mount", "sh", "-c", script, "sh", *command],
        cwd=course.root,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return Said(done.returncode, done.stderr)


READ_ONLY = "Read-only file system; mount it writable, or take a copy of the course to where it is"
FULL = "No space left on device; make room there (df -h says how much there is)"
OURS = "attempt to write a readonly database; give yourself the right to write it, and its folder"
JSON = ("--json", "out/found.json")


def filled(folder: str, size: str = "4k", taken: str = "4k") -> str:
    """A small disk in the place of a folder, and how much of it is taken."""
    mounted = f"mount -t tmpfs -o size={size},mode=1777 none {folder}"
    return f"mkdir -p {folder}; {mounted}; head -c {taken} /dev/zero >{folder}/filled"


def read_only(place: str) -> str:
    return f"mount --bind {place} {place}; mount -o remount,bind,ro {place}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prepare", "arguments", "said"),
    [
        (read_only("runs"), (), f"{{root}}/runs: {READ_ONLY}\n"),
        (
            read_only("gradebook.db"),
            (),
            f"the gradebook {{root}}/gradebook.db: {OURS}{KEPT}",
        ),
        (
            filled("feedback"),
            (),
            f"{{root}}/feedback/alice/toy/submission_secret.txt: {FULL}{KEPT}",
        ),
        (
            f"mkdir out; {read_only('out')}",
            JSON,
            f"--json out/found.json: nothing can be written there: {{root}}/out: {READ_ONLY}\n",
        ),
        (filled("out"), JSON, f"--json: out/found.json: {FULL}{KEPT}"),
    ],
    ids=["runs read-only", "gradebook read-only", "feedback full", "json read-only", "json full"],
)
def test_what_can_not_be_written_is_said_in_a_line(
    ran: Course, call: Call, prepare: str, arguments: tuple[str, ...], said: str
) -> None:
    """Read-only and full places, each costs itself alone."""
    ran.runs.mkdir(exist_ok=True)
    line = f"autograder: {said.format(root=ran.root)}"
    assert in_a_namespace(ran, prepare, "grade", *arguments) == Said(2, line)
    if said.endswith(KEPT):  # and not before anything was graded
        assert results(ran.runs / "toy.json") == {"alice": 10.0, "bob": 10.0}
    completes(ran, call)


@pytest.mark.slow
@pytest.mark.parametrize("what", ["runs", "temporary files"])
def test_a_full_disk_ends_the_batch_and_costs_nobody_anything(
    course: Course, call: Call, tmp_path: Path, what: str
) -> None:
    """In real rooms; what had room is kept, nobody is charged with it."""
    grade_here(course, "alice")
    if what == "runs":
        place, there = course.runs / "toy", "/tmp"
        prepare = (
            f"cp -a runs/toy kept; {filled('runs/toy', '400k', '100k')}; cp -a kept/. runs/toy"
        )
        prepare += "; head -c 400k /dev/zero >runs/toy/.filled 2>/dev/null || true"
    else:
        place = tmp_path / "scratch"
        there, prepare = str(place), filled(str(place), "256k", "232k")
    found = in_a_namespace(course, prepare, "grade", TMPDIR=there)
    assert found.status == 2, found
    assert found.err.startswith(f"autograder: {place}"), found
    assert found.err.endswith(f": {FULL}{KEPT}")
    assert found.err.count("\n") == 1
    assert results(course.runs / "toy.json") == {"alice": 10.0}
    assert not (course.runs / "toy" / "bob").exists()
    assert call("grade", "--explain").status == 0
    completes(course, call)


@pytest.mark.slow
def test_a_folder_that_nobody_may_read_costs_its_student_alone(ran: Course, call: Call) -> None:
    """The others are graded; it is not passed over in silence."""
    closed = ran.root / "submitted" / "bob"
    closed.chmod(0)
    rights = "--bounding-set=-dac_override,-dac_read_search"  # else permissions don't bind root
    command = ["setpriv", rights] if os.geteuid() == 0 else []
    command += [sys.executable, "-m", "autograder", "grade"]
    done = subprocess.run(command, cwd=ran.root, capture_output=True, text=True, check=False)
    said = f"autograder: {closed}/toy: Permission denied; give yourself the right to it"
    assert done.stderr == f"{said} (ls -ld says who has it){KEPT}"
    assert done.returncode == 2
    assert scores(ran, "alice") == ALL
    closed.chmod(0o755)
    completes(ran, call)
