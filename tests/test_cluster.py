"""A class graded by a Dask cluster: workers that die, come late, are not fit, or are not ours."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import dask.config
import psutil
import pytest
from begun import begun
from clusters import Cluster, cluster, outposts
from toy import RIGHT, hand_in, scores, totals, toy_course

from autograder.cli.main import main
from autograder.course import Course
from autograder.grading import scheduler

SLOW = "import time\ntime.sleep(1)\n"
RIGHT_SLOWLY = {**RIGHT, "double": SLOW + RIGHT["double"]}
WRONG = {**RIGHT, "double": SLOW + "def double(x):\n    return x + 2\n"}
CLASS = {f"s{number}": (RIGHT_SLOWLY, WRONG)[number % 2] for number in range(6)}
POINTS = {student: 0.0 if cells is WRONG else 10.0 for student, cells in CLASS.items()}
ENDLESS = {**RIGHT, "double": "while True:\n    pass"}
# messages so small that course and runs travel in many, and less patience
PROGRAM = """\
import sys
from autograder.cli.main import main
from autograder.grading import cluster, scheduler
cluster.PIECE, scheduler.CONNECT = 5_000, 5.0
main(sys.argv[1:])
"""


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The toy course, the working directory in it, and no certificates of the user's."""
    monkeypatch.setenv("DASK_CONFIG", str(tmp_path))
    found = toy_course(tmp_path / "course")
    monkeypatch.chdir(found.root)
    return found


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler; tests bring workers."""
    with cluster(tmp_path_factory.mktemp("dask") / "cluster") as found:
        yield found


def begin(
    course: Course, there: Cluster, *arguments: str
) -> AbstractContextManager[subprocess.Popen[str]]:
    return begun(
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "grade", "--cluster", str(there.file), *arguments],
            cwd=course.root,
            env=os.environ | there.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
    )


def until(condition: Callable[[], object], call: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert call.poll() is None, call.communicate()
        assert time.monotonic() < end, "it did not come that far"
        time.sleep(0.02)


def stored(course: Course) -> set[str]:
    return {path.parent.name for path in course.runs.glob("toy/[!.]*/verdict.json")}


@pytest.mark.slow
def test_a_worker_that_dies_costs_nobody_anything(course: Course, there: Cluster) -> None:
    """Killed in the middle: everybody is graded as here, and enters the gradebook once."""
    for student, cells in CLASS.items():
        hand_in(course, student, cells)
    dies = there.worker("dies")
    there.worker("lives")
    with begin(course, there, "--json", "found.json") as call:
        until(lambda: len(stored(course)) >= 2, call)
        alone = outposts(dies)
        dies.kill()
        out, err = call.communicate(timeout=180)
    assert call.returncode == 0, out + err
    assert totals(course) == POINTS
    entered = (course.runs / "toy.nbgrader.log").read_text()
    for student, points in POINTS.items():
        assert scores(course, student)["double_check"] == (8.0 if points else 0.0)
        assert len(re.findall(rf"Converting notebook \S+/submitted/{student}/toy/", entered)) == 1
    assert psutil.wait_procs(alone, timeout=10)[1] == [], "what graded there ended with it"
    left = [path.name for path in course.runs.glob(".*") if path.name.startswith((".f", ".c"))]
    assert left == []


@pytest.mark.slow
def test_ctrl_c_ends_the_work_there_and_keeps_what_is_home(course: Course, there: Cluster) -> None:
    """The next call, with a cluster or without, goes on."""
    worker = there.worker("stays", threads=2)
    hand_in(course, "alice", RIGHT)
    hand_in(course, "bob", ENDLESS)
    with begin(course, there) as call:
        until(lambda: stored(course) == {"alice"} and running(there, "bob"), call)
        call.send_signal(signal.SIGINT)
        asked = time.monotonic()
        _, err = call.communicate(timeout=60)
    assert (call.returncode, "goes on where" in err) == (130, True), err
    assert time.monotonic() - asked < 30
    assert psutil.wait_procs(outposts(worker), timeout=20)[1] == []
    assert not running(there, "bob"), "it cleared up behind it"
    before = (course.run_dir("toy", "alice") / "run.json").stat().st_mtime_ns
    hand_in(course, "bob", RIGHT)
    done = subprocess.run([sys.executable, "-m", "autograder", "grade"], check=False, text=True)
    assert done.returncode == 0
    assert totals(course) == {"alice": 10.0, "bob": 10.0}
    assert (course.run_dir("toy", "alice") / "run.json").stat().st_mtime_ns == before


def running(there: Cluster, student: str) -> bool:
    """Whether a worker runs the student's submission."""
    return bool(list(there.folder.glob(f"**/runs/toy/.{student}*/artefacts")))


@pytest.mark.slow
def test_a_scheduler_that_dies_ends_the_batch(course: Course, there: Cluster) -> None:
    """In one line, with status 2."""
    hand_in(course, "carol", ENDLESS)
    with begin(course, there) as call:
        until(lambda: running(there, "carol"), call)
        there.processes[0].kill()
        _, err = call.communicate(timeout=120)
    assert (call.returncode, err.count("\n")) == (2, 1), err
    assert "the scheduler is gone; start it again" in err
    assert stored(course) == set()


@pytest.mark.slow
def test_workers_that_are_not_as_this_machine_are_left_out_by_name(
    course: Course, tmp_path: Path
) -> None:
    """Where no other is left nothing is run: status 3 if their rooms are too open, whatever the
    course takes, and 2 if it is for another reason. Beside one that is fit, that one grades: here
    one that sees the course itself on a common disk, and gets no copy.
    """
    hand_in(course, "alice", RIGHT)
    other = tmp_path / "other" / "keras-0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: keras\nVersion: 0.1\n")
    with cluster(tmp_path / "cluster") as there:
        there.worker("open", lacks="landlock,seccomp,namespaces")
        status, _, err = graded(course, there)
        assert (status, err.count("\n")) == (3, 1), err
        assert "read the key with which code is run on all of the cluster" in err
        there.worker("old", PYTHONPATH=str(other.parent))
        until_there(there, 2)
        status, _, err = graded(course, there)
        assert (status, err.count("\n")) == (2, 1), err
        assert "package keras is 0.1 there, " in err
        assert not course.run_dir("toy", "alice").exists()
        there.worker("near", AUTOGRADER_COURSE=str(course.root))
        until_there(there, 3)
        status, out, err = graded(course, there)
        assert status == 0, out + err
        assert list((there.folder / "near").glob("**/*.tar")) == []
    assert totals(course) == {"alice": 10.0}


def graded(course: Course, there: Cluster) -> tuple[int, str, str]:
    """Exit status and what a call said."""
    with begin(course, there) as call:
        out, err = call.communicate(timeout=120)
    return call.returncode, out, err


def until_there(there: Cluster, workers: int) -> None:
    """Wait until the scheduler knows so many."""
    end = time.monotonic() + 60
    while there.log().count("Register worker") < workers:
        assert time.monotonic() < end, there.log()
        time.sleep(0.1)


def status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as raised:
        main(list(arguments))
    return int(raised.value.code or 0)


def test_a_scheduler_without_tls_is_refused(
    course: Course, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """By its file, by its address, and if it is asked to speak TLS after all."""
    hand_in(course, "alice", RIGHT)
    monkeypatch.setattr(scheduler, "CONNECT", 2.0)
    with (
        cluster(tmp_path / "cluster", tls=False) as there,
        dask.config.set(there.certificates),
    ):
        plain = there.address
        for place, word in (
            (str(there.file), "without TLS whoever reaches the scheduler can run code"),
            (plain, "without TLS whoever"),
            (plain.removeprefix("tcp://"), "expected tls://HOST:PORT or a scheduler file"),
            (plain.replace("tcp", "tls"), "no scheduler answers over TLS at tls://127.0.0.1"),
        ):
            assert status("grade", "--cluster", place) == 2
            err = capsys.readouterr().err
            assert (word in err, err.count("\n")) == (True, 1), err
    assert not course.run_dir("toy", "alice").exists()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["tls://127.0.0.1:1"], "Dask's configuration names no certificates: set"),
        (["tls://127.0.0.1:1", "--regrade"], "leave out --cluster"),
        (["nowhere.json"], "expected tls://HOST:PORT or a scheduler file"),
        (["course.toml"], "expected the file that `dask scheduler --scheduler-file` writes"),
    ],
)
def test_a_wrong_call_is_one_line_and_status_2(
    course: Course, capsys: pytest.CaptureFixture[str], arguments: list[str], word: str
) -> None:
    """Before anything is connected."""
    hand_in(course, "alice", RIGHT)
    assert status("grade", "--cluster", *arguments) == 2
    err = capsys.readouterr().err
    assert (word in err, err.count("\n")) == (True, 1), err


def test_without_the_option_dask_is_not_even_imported() -> None:
    """So nothing listens or connects where a class is graded here."""
    code = "import sys, autograder.cli.grade; print('distributed' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
