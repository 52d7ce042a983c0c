"""Kills processes of a batch at random, and looks whether anybody is the worse for it.

    python benchmarks/kills.py [KILLS] [SEED]

A small class is graded with `autograder grade --jobs 2` in real rooms, several of whose processes
get a SIGKILL, each at a random moment: the main process, the init or the porch of a student room,
those of a judge room, a zygote, the stem, at last the call itself, which is then called again.
After each class: the exit status is as documented, every submission stands once, with its score, in
gradebook and results, and no process, folder, mount or control group is left.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from toy import RIGHT, hand_in, scores, toy_course

from autograder.course import Course
from autograder.files import abandoned
from autograder.rooms import cgroup

KINDS = ("main", "init", "porch", "judge", "zygote", "stem", "parent")
WRONG = {**RIGHT, "double": "def double(x):\n    return 3 * x\n"}
CLASS = {f"s{number}": WRONG if number % 3 == 2 else RIGHT for number in range(6)}
POINTS = {student: 2.0 if cells is WRONG else 10.0 for student, cells in CLASS.items()}
SECONDS = 300  # for one class, on a busy machine
AT_ONCE, CALLS = 4, 3  # kills in a class, and calls for it
LONGEST = {
    "main": 0.3,
    "init": 0.3,
    "porch": 0.3,
    "judge": 0.3,
    "zygote": 1,
    "stem": 1,
    "parent": 2,
}
LEAVING = 20.0  # seconds until everything of a killed call has to be gone
COMMAND = [sys.executable, "-m", "autograder", "grade", "--jobs", "2", "--json", "found.json"]


@dataclass
class Tally:
    """What came of it all."""

    kills: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    faults: list[str] = field(default_factory=list)


def kills(number: int, seed: int, place: Path) -> Tally:
    """Kill so many, some in each class; what was found wrong is told and not raised."""
    rng, tally = random.Random(seed), Tally()
    for n in range(2 * number):  # at most: a class may be graded before it comes to a kill
        to_go = number - tally.kills.total()
        if not to_go:
            break
        rare = sorted(KINDS, key=lambda kind: (tally.kills[kind], rng.random()))
        folder = place / f"class{n}"
        one_class(folder, rare[: min(to_go, AT_ONCE)], rng, tally)
        shutil.rmtree(folder, ignore_errors=True)
    return tally


def one_class(folder: Path, kinds: Sequence[str], rng: random.Random, tally: Tally) -> None:
    """Grade the class while processes of these kinds are killed, and call again until it is graded:
    a submission that was hit time and again is held back.
    """
    (folder / "tmp").mkdir(parents=True)
    course = toy_course(folder)
    for student, cells in CLASS.items():
        hand_in(course, student, cells)
    mounts, ends = _mounts(folder), list[int]()
    kinds = sorted(kinds, key=lambda kind: (kind == "parent", rng.random()))
    while len(ends) < CALLS and 0 not in ends:
        status, said = _called(course, kinds if not ends else (), rng, tally)
        ends.append(status)
    for what in (
        f"exit status {ends}: {said}" if not _as_documented(ends) else "",
        *_wrong_scores(course),
        *(f"left: {name}" for name in left(course)),
        *(f"process left: {name}" for name in orphans(folder)),
        *(f"group left: {name}" for name in _groups()),
        "mounts left" if _mounts(folder) != mounts else "",
    ):
        if what:
            tally.faults.append(f"{', '.join(kinds)}: {what}")


def _as_documented(ends: Sequence[int]) -> bool:
    """Killed itself, or somebody was held back, or everything is graded: that at last."""
    return ends[-1] == 0 and set(ends[:-1]) <= {-signal.SIGKILL, 1}


def _called(
    course: Course, kinds: Sequence[str], rng: random.Random, tally: Tally
) -> tuple[int, str]:
    """The exit status of a call and what it said, while these are killed."""
    tally.calls += 1
    with subprocess.Popen(
        COMMAND,
        cwd=course.root,
        env={**os.environ, "TMPDIR": str(course.root / "tmp")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        for kind in kinds:
            if _kill(psutil.Process(process.pid), kind, rng):
                tally.kills[kind] += 1
        try:
            _, said = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            said = f"still running after {SECONDS} s"
    return process.returncode, said.strip()


def _kill(call: psutil.Process, kind: str, rng: random.Random) -> bool:
    """Kill one of the kind, some time after there are any, unless the call is over before."""
    until = 0.0
    while call.is_running() and call.status() != psutil.STATUS_ZOMBIE:
        with contextlib.suppress(psutil.Error):
            found = kinds_of(call).get(kind)
            if found and not until:
                until = time.monotonic() + rng.uniform(0, LONGEST[kind])
            elif found and time.monotonic() > until:
                rng.choice(found).kill()
                return True
        time.sleep(0.01)
    return False


def kinds_of(call: psutil.Process) -> dict[str, list[psutil.Process]]:
    """The processes of a call, by what they are; the judge's are those below the second zygote."""
    stems = [one for one in call.children() if "zygote.py" in " ".join(one.cmdline())]
    zygotes = _children(stems)
    found: dict[str, list[psutil.Process]] = {"parent": [call], "stem": stems, "zygote": zygotes}
    for number, zygote in enumerate(zygotes):
        porches = _children([zygote])
        inits = _children(porches)
        mains = _children(inits)
        if number == 0:
            parts = {"porch": porches, "init": inits, "main": mains}
        else:
            parts = {"judge": [*porches, *inits, *mains]}
        for kind, ones in parts.items():
            found[kind] = found.get(kind, []) + ones
    return found


def _children(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    found = []
    for one in processes:
        with contextlib.suppress(psutil.Error):
            found += one.children()
    return found


def _wrong_scores(course: Course) -> Iterator[str]:
    """Who doesn't stand once in results and gradebook with the right score."""
    try:
        found = json.loads((course.root / "found.json").read_text())["students"]
    except (OSError, ValueError) as error:
        yield f"no results: {error}"
        return
    if sorted(one["student"] for one in found) != sorted(CLASS):
        yield f"in the results: {[one['student'] for one in found]}"
    for one in found:
        if (one["status"], one["score"]) != ("graded", POINTS[one["student"]]):
            yield f"{one['student']}: {one['status']}, {one['score']:g}"
    for student, points in POINTS.items():
        try:
            entered = scores(course, student)
        except Exception as error:
            yield f"{student} in the gradebook: {error!r}"
            continue
        if sum(filter(None, entered.values())) != points:
            yield f"{student} in the gradebook: {entered}"
        if not (course.root / "feedback" / student / "toy" / "toy.html").exists():
            yield f"{student}: no feedback"


def left(course: Course) -> list[str]:
    """What is left of workplaces, rooms and files that were not finished."""
    there = {".desks", ".judge", ".locks", ".reports", ".writer"}
    found = [*(course.root / "tmp").iterdir()]
    for folder in (course.runs, course.runs / ".judge", course.runs / ".desks" / "toy"):
        found += [path for path in folder.glob(".*") if path.name not in there]
    found += course.runs.glob("toy/.*")
    found += course.runs.glob("toy/*/.*")
    return [str(path.relative_to(course.root)) for path in found]


def orphans(folder: Path) -> list[str]:
    """Processes that belong to a call in this folder, once they had time to end."""
    end = time.monotonic() + LEAVING
    while (found := _ours(folder)) and time.monotonic() < end:
        time.sleep(0.1)
    for one in found:
        with contextlib.suppress(psutil.Error):
            one.kill()
    return [str(one) for one in found]


def _ours(folder: Path) -> list[psutil.Process]:
    found = []
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            # what is forked from a stem has its environment, but for a room's main process
            environment = Path(f"/proc/{one.pid}/environ").read_bytes()
            at_home = str(folder).encode() in environment
            if at_home or Path(f"/proc/{one.pid}/cwd").readlink().is_relative_to(folder):
                found.append(one)
    return found


def _groups() -> set[str]:
    """The control groups of killed calls."""
    found: set[str] = set()
    for controller in ("memory", "pids"):
        with contextlib.suppress(OSError):
            found |= {path.name for path in cgroup.parent(controller).glob("room-*")}
    return {name for name in found if abandoned(name)}


def _mounts(folder: Path) -> int:
    return Path("/proc/self/mounts").read_text(encoding="utf-8").count(str(folder))


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(1 << 16)
    with tempfile.TemporaryDirectory(prefix="kills-") as place:
        tally = kills(number, seed, Path(place))
    by_kind = ", ".join(f"{kind} {tally.kills[kind]}" for kind in KINDS)
    print(f"seed {seed}: {tally.kills.total()} kills ({by_kind}) in {tally.calls} calls")
    print("\n".join(tally.faults) or "every submission graded once, nothing left")
    sys.exit(bool(tally.faults) or tally.kills.total() < number)


if __name__ == "__main__":
    main()
