"""Batches that are stopped, killed, or not alone: nothing is left, nobody is graded wrongly."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from begun import begun
from toy import REPOSITORY, RIGHT, grade_here, hand_in, scores, toy_course

from autograder.cli.stopping import SOON
from autograder.course import Course

sys.path.append(str(REPOSITORY / "benchmarks"))
from kills import AT_ONCE, kills, kinds_of, left, orphans

ALL = {"double_check": 8.0, "triple_check": 2.0, "why": 0.0}
ENDLESS = {"double": "while True:\n    pass"}
QUIET = os.getloadavg()[0] < 1.5 * (os.cpu_count() or 1)
PATIENCE = 2.0 if QUIET else 15.0  # what a busy machine may add to the times that are promised


@pytest.fixture
def course() -> Iterator[Course]:
    """The toy course with a folder for temporary files, where paths are short."""
    with tempfile.TemporaryDirectory(prefix="stop-") as folder:
        (Path(folder) / "tmp").mkdir()
        yield toy_course(Path(folder))


def begin(
    course: Course, *arguments: str
) -> contextlib.AbstractContextManager[subprocess.Popen[str]]:
    """A call as from a terminal: Ctrl-C is not ignored, as it is in the background of a script."""
    return begun(
        subprocess.Popen(
            [sys.executable, "-m", "autograder", "grade", *arguments],
            cwd=course.root,
            env={**os.environ, "TMPDIR": str(course.root / "tmp")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
    )


def until(condition: Callable[[], object], call: subprocess.Popen[str]) -> None:
    end, come = time.monotonic() + 120, False
    while not come:
        with contextlib.suppress(psutil.Error):  # what is gone while it is looked at
            come = bool(condition())
        assert call.poll() is None, call.communicate()
        assert time.monotonic() < end, "it did not come that far"
        time.sleep(0.01)


def importing(course: Course, call: psutil.Process) -> bool:
    return bool(kinds_of(call)["stem"])


def looping(course: Course, call: psutil.Process) -> bool:
    main = kinds_of(call).get("main")
    there = list(course.runs.glob("toy/.bob*/artefacts"))
    return bool(main and there and max(sum(one.cpu_times()[:2]) for one in main) > 0.3)


def judging(course: Course, call: psutil.Process) -> bool:
    return bool(kinds_of(call).get("judge"))


def writing(course: Course, call: psutil.Process) -> bool:
    return (course.root / "autograded").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "how"),
    [
        (importing, signal.SIGINT),
        (looping, signal.SIGINT),
        (judging, signal.SIGTERM),
        (writing, signal.SIGINT),
    ],
)
def test_ctrl_c_is_answered_at_once_and_ends_soon(
    course: Course, moment: Callable[[Course, psutil.Process], bool], how: signal.Signals
) -> None:
    """Whatever goes on: a line within two seconds, status 130 within five, and nothing is left."""
    for student in ("alice", "carol"):
        hand_in(course, student, RIGHT)
    hand_in(course, "bob", ENDLESS if moment is looping else RIGHT)
    with begin(course, "--jobs", "2") as call:
        until(lambda: moment(course, psutil.Process(call.pid)), call)
        asked = time.monotonic()
        call.send_signal(how)
        assert call.stderr is not None
        assert call.stderr.readline() == "stopping; what is finished is kept\n"
        answered = time.monotonic()
        _, rest = call.communicate(timeout=60)
        ended = time.monotonic()
    assert (call.returncode, rest.count("\n") <= 2) == (130, True), rest
    assert answered - asked < (2 if QUIET else PATIENCE)
    assert ended - asked < 5 + PATIENCE
    assert orphans(course.root) == []
    by_force = ended - asked >= SOON  # then the next call removes what is left
    assert by_force or left(course) == []
    if moment in {judging, importing}:  # the next call is the same as after the others
        return
    hand_in(course, "bob", RIGHT)
    with begin(course) as again:
        said = again.communicate(timeout=120)
    assert again.returncode == 0, said
    assert [scores(course, student) for student in ("alice", "bob", "carol")] == 3 * [ALL]


@pytest.mark.slow
@pytest.mark.parametrize(("times", "seconds"), [(1, 5), (2, 1)])
def test_a_second_ctrl_c_ends_at_once(course: Course, times: int, seconds: float) -> None:
    """Even while the gradebook is waited for."""
    hand_in(course, "alice", RIGHT)
    grade_here(course, "alice")
    holding = sqlite3.connect(course.gradebook)
    holding.execute("BEGIN EXCLUSIVE")
    with begin(course) as call:
        until((course.runs / ".writer").exists, call)
        time.sleep(1.0)
        asked = time.monotonic()
        for _ in range(times):
            call.send_signal(signal.SIGINT)
            time.sleep(0.1)
        call.communicate(timeout=60)
        ended = time.monotonic()
    holding.close()
    assert call.returncode == 130
    assert ended - asked < seconds + PATIENCE
    assert orphans(course.root) == []


HUNG_UP = """\
import os, signal
from autograder.cli.stopping import stopping
try:
    with stopping():
        os.kill(os.getpid(), signal.SIGHUP)
        print("goes on")
except KeyboardInterrupt:
    print("stops")
"""


@pytest.mark.parametrize(
    ("handler", "said"), [(signal.SIG_DFL, "stops\n"), (signal.SIG_IGN, "goes on\n")]
)
def test_a_closed_terminal_stops_what_nohup_does_not_protect(
    handler: signal.Handlers, said: str
) -> None:
    """As Ctrl-C does, so that what is half made goes."""
    done = subprocess.run(
        [sys.executable, "-c", HUNG_UP],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, handler),
    )
    assert (done.returncode, done.stdout) == (0, said)


@pytest.mark.slow
def test_two_calls_at_once_share_the_class(course: Course) -> None:
    """Each submission is run by one of them, both know all scores, and both are content."""
    class_ = [f"s{number}" for number in range(4)]
    for student in class_:
        hand_in(course, student, RIGHT)
    seen: set[str] = set()
    with begin(course, "--json", "1.json") as one, begin(course, "--json", "2.json") as two:
        while one.poll() is None or two.poll() is None:
            seen |= {path.name.removesuffix("-stale") for path in course.runs.glob("toy/.s?-*")}
            time.sleep(0.005)
        said = [call.communicate()[0] + call.communicate()[1] for call in (one, two)]
    assert (one.returncode, two.returncode) == (0, 0), said
    assert any("another call works beside this one" in text for text in said)
    assert sorted(name[1:3] for name in seen) == class_, "each was run once"
    for student in class_:
        assert scores(course, student) == ALL
    first, second = ((course.root / f"{n}.json").read_text().split(', "students"') for n in (1, 2))
    assert first[1:] == second[1:]
    assert left(course) == []


@pytest.mark.slow
def test_who_kills_himself_does_it_again_and_pays_for_it(course: Course) -> None:
    """Run once more, since it could have been somebody else; then that task alone is lost."""
    suicide = "import os\nos.kill(os.getpid(), 9)\n"
    hand_in(course, "bob", {**RIGHT, "triple": suicide})
    with begin(course) as call:
        said = call.communicate(timeout=120)
    assert call.returncode == 0, said
    assert scores(course, "bob") == {**ALL, "triple_check": 0.0}
    assert "exit status -9" in (course.run_dir("toy", "bob") / "run.json").read_text()


@pytest.mark.slow
def test_kills_cost_nobody_anything() -> None:
    """Ten of them, of every kind; `make kills` has a hundred."""
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        tally = kills(10, seed=int(time.time()), place=Path(place))
    assert tally.faults == []
    assert tally.kills.total() == 10
    assert tally.calls <= 10 + AT_ONCE
