"""The command line: what it does, what it prints, and the exit status it leaves."""

import html
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from begun import begun
from toy import REPOSITORY, RIGHT, grade_here, hand_in, scores, toy_course

from autograder.cli.main import main
from autograder.course import Course, Settings, find_course
from autograder.errors import Unreadable, UsageError
from autograder.sample import lay_out, make_class
from autograder.submissions.reading import read_submission

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The toy course, the working directory in it."""
    monkeypatch.chdir(tmp_path)
    return toy_course(tmp_path)


def status(*arguments: str) -> int:
    """The exit status of a call."""
    with pytest.raises(SystemExit) as raised:
        main(list(arguments))
    return int(raised.value.code or 0)


def test_a_graded_class_is_status_0_whatever_the_scores(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the places of everything are printed."""
    for student, cells in {"alice": RIGHT, "bob": None}.items():
        hand_in(course, student, cells)
        grade_here(course, student)
    assert status("grade") == 0
    shown = capsys.readouterr().out.replace("\n", "")
    for place in ("gradebook.db", "runs/toy.html", "runs/toy.json", "feedback"):
        assert place in shown
    assert scores(course, "alice") == {"double_check": 8.0, "triple_check": 2.0, "why": 0.0}


def full() -> io.TextIOWrapper:
    """A screen that goes to a full disk."""
    return io.TextIOWrapper(io.FileIO("/dev/full", "w"), write_through=True)


def without_letters() -> io.TextIOWrapper:
    """A screen that can't show what is not ASCII."""
    return io.TextIOWrapper(io.BytesIO(), encoding="ascii")


@pytest.mark.parametrize(("screen", "ends"), [(full, 2), (without_letters, 0)])
def test_a_screen_that_fails_costs_no_file(
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
    screen: Callable[[], io.TextIOWrapper],
    ends: int,
) -> None:
    """JSON, JUnit and GitHub's summary are written before anything is shown."""
    hand_in(course, "alice", RIGHT)
    grade_here(course, "alice")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    with screen() as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert status("grade", "--json", "out.json", "--junit", "out.xml") == ends
    assert json.loads((course.root / "out.json").read_text())["students"][0]["score"] == 10
    assert "toy" in (course.root / "out.xml").read_text()
    assert "toy" in (course.root / "summary.md").read_text()


def test_the_results_file_has_the_format_that_others_rely_on(
    course: Course, tmp_path: Path
) -> None:
    """Assignment, time, isolation, students, tasks and checks."""
    hand_in(course, "carol", {**RIGHT, "double": "def double(x):\n    return 3 * x\n"})
    grade_here(course, "carol")
    assert status("grade", "toy", "--json", str(tmp_path / "results.json")) == 0
    data = json.loads((tmp_path / "results.json").read_text())
    assert (data["assignment"], data["isolation"]) == ("toy", "strong")
    student = data["students"][0]
    assert {key: student[key] for key in ("student", "status", "score", "max_score")} == {
        "student": "carol",
        "status": "graded",
        "score": 2.0,
        "max_score": 10.0,
    }
    assert student["tasks"][0]["checks"][0] == {
        "check": "doubles",
        "ending": "failed",
        "weight": 3,
        "expected": "6 and -4 for 3 and -2",
        "found": "[9, -6]",
        "hint": "Multiply by 2.",
        "misconception": None,
    }


def test_who_needs_a_person_makes_status_1_and_stops_nobody(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is no notebook, and a folder without the notebook; the last line names them."""
    hand_in(course, "alice", RIGHT)
    hand_in(course, "bob").write_text("no notebook")
    hand_in(course, "erin").rename(course.root / "submitted/erin/toy/toy.zip")
    for student in ("alice", "bob", "erin"):
        grade_here(course, student)
    assert status("grade") == 1
    assert capsys.readouterr().out.splitlines()[-1] == (
        "exit status 1: 2 submissions wait for a person: bob, erin"
    )
    found = json.loads((course.runs / "toy.json").read_text())["students"]
    assert [student["status"] for student in found] == ["graded", "unreadable", "missing"]
    assert scores(course, "alice")["double_check"] == 8.0


def test_fail_under_is_status_4(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    """It looks at the mean, and the last line says so; what a person has to mark is counted."""
    for student, cells in {"alice": RIGHT, "bob": None}.items():
        hand_in(course, student, cells)
        grade_here(course, student)
    assert status("grade", "--fail-under", "51") == 4
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "exit status 4: the mean is 50.0 %, below --fail-under 51"
    assert lines[-2].startswith("1 written answer waits to be marked: in ")
    assert status("grade", "--fail-under", "50") == 0


def test_a_shard_leaves_the_gradebook_alone_and_all_shards_make_the_class(course: Course) -> None:
    """Everyone is in exactly one part."""
    for number in range(6):
        hand_in(course, f"s{number}", RIGHT)
        grade_here(course, f"s{number}")
    parts = []
    for part in ("1/3", "2/3", "3/3"):
        assert status("grade", "--shard", part, "--json", "part.json") == 0
        parts += [
            student["student"] for student in json.loads(Path("part.json").read_text())["students"]
        ]
    assert sorted(parts) == [f"s{number}" for number in range(6)]
    assert not (course.root / "autograded").exists()


@pytest.mark.slow
def test_regrading_judges_the_stored_answers_by_the_corrected_grader(course: Course) -> None:
    """Nothing is executed: the submission's run stays the very same file."""
    hand_in(course, "carol", {**RIGHT, "double": "def double(x):\n    return 3 * x\n"})
    grade_here(course, "carol")
    grader = course.graders / "toy" / "double.py"
    grader.write_text(grader.read_text().replace("[6, -4]", "[9, -6]"))
    run = course.run_dir("toy", "carol") / "run.json"
    before = run.stat().st_mtime_ns
    assert status("grade", "--regrade", "--trust-submissions") == 0
    assert run.stat().st_mtime_ns == before
    assert scores(course, "carol")["double_check"] == 8.0


def test_regrading_refuses_answers_of_another_version_of_the_submission(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    """They would be judged under the wrong file."""
    hand_in(course, "carol", RIGHT)
    grade_here(course, "carol")
    hand_in(course, "carol", {"double": RIGHT["double"]})
    assert status("grade", "--regrade") == 1
    assert "has changed since it was run" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["grad"], "did you mean «grade»"),
        (["grade", "tpy"], "did you mean «toy»"),
        (["grade", "toy", "--student", "alicia"], "did you mean «alice»"),
        (["grade", "--shard", "4/3"], "I/N"),
        (["grade", "--cluster", "x"], "tls://HOST:PORT"),
        (["report", "toy"], "nobody is graded"),
        (["grade", "--jbos", "2"], "--jobs"),
    ],
)
def test_wrong_calls_are_status_2_and_say_what_would_be_right(
    course: Course, capsys: pytest.CaptureFixture[str], arguments: list[str], word: str
) -> None:
    """The nearest right name, or the form that is expected."""
    hand_in(course, "alice", RIGHT)
    assert status(*arguments) == 2
    assert word in capsys.readouterr().err


def test_report_is_written_again_from_what_is_stored(course: Course) -> None:
    """Without opening a room or the gradebook."""
    hand_in(course, "alice", RIGHT)
    grade_here(course, "alice")
    assert status("report", "toy") == 0
    assert "alice" in (course.runs / "toy.html").read_text()


@pytest.mark.parametrize("stored", ["[1", '{"assignment": "toy"}'])
def test_one_damaged_verdict_takes_nobody_else_out_of_the_report(
    course: Course, capsys: pytest.CaptureFixture[str], stored: str
) -> None:
    for student in ("alice", "bob"):
        hand_in(course, student, RIGHT)
        grade_here(course, student)
    (course.run_dir("toy", "bob") / "verdict.json").write_text(stored)
    assert status("report", "toy") == 1
    told = (course.runs / "toy.html").read_text()
    assert "alice" in told
    assert "grade it again (autograder grade toy)" in told
    assert "bob is damaged" in capsys.readouterr().err
    (course.run_dir("toy", "alice") / "verdict.json").write_text(stored)
    assert status("report", "toy") == 1
    assert "alice is damaged" in (course.runs / "toy.html").read_text()


def test_report_names_a_student_whose_name_is_no_text(course: Course) -> None:
    """As far as can be shown; nobody else is held up."""
    hand_in(course, "alice", RIGHT)
    grade_here(course, "alice")
    odd = Path(os.fsdecode(os.fsencode(course.root) + b"/submitted/\xff"))
    shutil.copytree(course.submission("toy", "alice").parent, odd / "toy")
    assert status("report", "toy") == 0
    told = (course.runs / "toy.html").read_text()
    assert "alice" in told
    assert "\N{REPLACEMENT CHARACTER}" in told
    assert "can't hold bytes that are no UTF-8" in html.unescape(told)


def test_help_names_every_command_and_never_imports_tensorflow(tmp_path: Path) -> None:
    """An import costs five seconds."""
    code = "from autograder.cli.main import cli; cli(['--help'], standalone_mode=False)"
    code += "; import sys; print('tensorflow' in sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    for command in ("grade", "judge", "report", "inspect", "verify", "doctor", "demo"):
        assert f"\n  {command} " in shown
    assert shown.endswith("False\n")


def called(course: Course, call: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A call in a shell that has one of its own."""
    return subprocess.run(
        ["bash", "-c", call],
        cwd=course.root,
        env={**os.environ, "RUN": f"{sys.executable} -m autograder", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_closed_streams_lose_what_would_stand_there_and_nothing_else(
    course: Course, closed: str
) -> None:
    """As of a job whose starter has closed them."""
    hand_in(course, "alice", RIGHT)
    grade_here(course, "alice")
    done = called(course, f"$RUN report toy {closed}")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Error" not in done.stderr
    assert "alice" in (course.runs / "toy.html").read_text()


def with_streams(code: str, **environment: str) -> str:
    """What a program prints that treats its streams as the command does."""
    program = f"import sys; from autograder.cli.main import _streams; {code}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_nobody_can_be_asked_where_standard_input_is_closed() -> None:
    """As where it leads nowhere."""
    code = "sys.stdin = None; _streams(); print(sys.stdin.isatty(), sys.stdin.read() == '')"
    assert with_streams(code) == "False True\n"


def test_a_folder_that_is_gone_is_said_to_be(course: Course) -> None:
    """Another terminal has removed it."""
    done = called(course, "mkdir gone; cd gone; rmdir ../gone; $RUN report toy")
    said = "autograder: the folder you are in is gone: cd elsewhere\n"
    assert (done.returncode, done.stderr) == (2, said)


def test_a_letter_that_can_not_be_shown_stops_nothing() -> None:
    """It is shown by its number."""
    shown = with_streams("_streams(); print('j\\xf6rg')", PYTHONIOENCODING="ascii")
    assert shown == "j\\xf6rg\n"


def test_names_of_files_must_be_utf_8(course: Course) -> None:
    """In others a student's name would be another one in the files for the LMS."""
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = called(course, "$RUN report toy", **plain)
    assert done.returncode == 2, done.stderr
    assert "set LANG=C.UTF-8" in done.stderr
    assert done.stderr.count("\n") == 1


EARLY = """
import os, signal, sys

class Asked:
    def find_spec(self, name, *rest):
        if name == "autograder.cli.main":
            os.kill(os.getpid(), signal.{how})

sys.meta_path.insert(0, Asked())
from autograder.__main__ import main
main()
"""


@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM"])
def test_a_signal_while_the_command_is_imported_is_one_line(tmp_path: Path, how: str) -> None:
    """Whoever types the wrong thing presses Ctrl-C at once."""
    program = [sys.executable, "-c", EARLY.format(how=how)]
    done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "interrupted; nothing was begun\n")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"autograder": "autograder.__main__:main"}


def test_too_open_rooms_are_status_3(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless the caller says that the submissions can be trusted."""
    from autograder.cli import grade as module
    from autograder.errors import IsolationError
    from autograder.grading.hands import demand_isolation

    strong, reduced = (
        Course(course.root, Settings(isolation=level)) for level in ("strong", "reduced")
    )
    with pytest.raises(IsolationError, match="--trust-submissions"):
        demand_isolation(strong, "reduced: no memory limit")
    demand_isolation(reduced, "reduced: no memory limit")
    hand_in(course, "alice", RIGHT)

    def refuse(*_: object) -> None:
        raise IsolationError("too open")

    monkeypatch.setattr(module, "grade", refuse)
    assert status("grade") == 3


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_leaves_nothing_running_and_what_is_finished_stays(
    course: Course, how: signal.Signals
) -> None:
    """By Ctrl-C, or by a batch system: status 130, and the next call runs only what is missing."""
    hand_in(course, "alice", RIGHT)
    hand_in(course, "bob", {"double": "while True:\n    pass"})
    command = [sys.executable, "-m", "autograder", "grade", "--jobs", "1"]
    with begun(
        subprocess.Popen(
            command,
            cwd=course.root,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # ignored in background jobs
        )
    ) as process:
        finished = course.run_dir("toy", "alice") / "verdict.json"
        wait_for(lambda: finished.exists() and any(course.runs.glob("toy/.*bob*")), process)
        family = psutil.Process(process.pid).children(recursive=True)
        before = finished.read_bytes()
        process.send_signal(how)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "goes on where this one stopped" in said
    gone, alive = psutil.wait_procs(family, timeout=10)
    assert gone
    assert alive == []
    assert list(course.runs.glob("toy/.*bob*")) == []
    assert not course.run_dir("toy", "bob").exists()
    assert finished.read_bytes() == before


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until the condition holds, while the process lives, at most two minutes."""
    for _ in range(600):
        if condition():
            return
        assert process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.2)
    pytest.fail("it did not come that far in two minutes")


@pytest.mark.slow
def test_both_routes_run_real_rooms_and_agree(tmp_path: Path) -> None:
    """The same class through `nbgrader autograde` and `autograder grade`,
    from the submissions on.
    """
    sources = {
        "alice": RIGHT,
        "carol": {**RIGHT, "double": "import sys\nprint(1, file=sys.stderr)\ndef double(x): 1/0"},
    }
    found = []
    for command in (
        ["nbgrader", "autograde", "toy"],
        ["autograder", "grade", "toy", "--jobs", "1"],
    ):
        folder = tmp_path / command[0]
        folder.mkdir()
        course = toy_course(folder)
        for student, cells in sources.items():
            hand_in(course, student, cells)
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        found.append({student: scores(course, student) for student in sources})
    assert found[0] == found[1]
    assert found[0]["alice"] == {"double_check": 8.0, "triple_check": 2.0, "why": 0.0}
    assert found[0]["carol"] == {"double_check": 0.0, "triple_check": 0.0, "why": 0.0}


@pytest.mark.slow
def test_the_sample_class_is_a_course_of_its_own(tmp_path: Path) -> None:
    """Everyone in class.toml has handed in; making it again leaves the very same files."""
    home = find_course(REPOSITORY)
    course = make_class(home, tmp_path / "demo")
    name = "residual_networks"
    assert len(course.students(name)) >= 12
    stamps = {s: course.submission(name, s).stat().st_mtime_ns for s in course.students(name)}
    make_class(home, tmp_path / "demo")
    assert {
        s: course.submission(name, s).stat().st_mtime_ns for s in course.students(name)
    } == stamps
    with pytest.raises(Unreadable):
        read_submission(course.submission(name, "k.oduya"))
    files = [course.submission(name, student) for student in course.students(name)]
    essays = {path: path.read_text(encoding="utf-8", errors="replace") for path in files}
    assert not any("Rubric" in text for text in essays.values())
    assert sum("YOUR ANSWER HERE" not in text for text in essays.values()) >= 12


@pytest.mark.slow
def test_words_for_a_task_that_nobody_asks_in_words(tmp_path: Path) -> None:
    """Are refused, with the nearest that there is."""
    home = lay_out(find_course(REPOSITORY), tmp_path / "home", ["residual_networks"])
    written = home.bank / "class.toml"
    written.write_text(
        'assignment = "residual_networks"\n[[student]]\nname = "ann"\n'
        'words.architecture_revue = "Long ago."\n'
    )
    with pytest.raises(UsageError, match="did you mean «architecture_review»"):
        make_class(home, tmp_path / "demo")


IGNORED = """
import signal, sys, types
signal.signal(signal.SIGINT, signal.SIG_IGN)
tell = lambda: print(signal.getsignal(signal.SIGINT).name, callable(signal.getsignal(15)))
sys.modules["autograder.cli.main"] = types.SimpleNamespace(main=tell)
from autograder.__main__ import main
main()
"""


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    """In the background of a script Ctrl-C is for what runs in front, also while we import."""
    told = subprocess.run(
        [sys.executable, "-c", IGNORED], capture_output=True, text=True, check=True
    )
    assert told.stdout == "SIG_IGN True\n"
