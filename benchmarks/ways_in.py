"""Ways in × machines: `python benchmarks/ways_in.py [--quick]` prints a Markdown table, in
half an hour on two cores; without root, the rows that only root can make are left out.

For the checkout and for its wheel in an environment of its own, on this machine and on machines
from which something is taken away (tests/machines.py): the isolation that is stated, the scores of
the sample class beside those of the first row, and what the sandbox costs a room: the median of
rooms around nothing, from their request until nothing of them is left, less that of a bare fork of
a process which has imported the same. The whole class is graded on the first machine of each way
in, every third student on the others. `--quick` makes one row of the latter: the checkout, where
nothing is.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))
MACHINES = {
    "root with everything": (),
    "unprivileged, with user namespaces": ("privileges",),
    "no namespaces": ("namespaces", "privileges"),
    "no control groups": ("cgroups",),
    "no Landlock": ("landlock",),
    "no filter of calls": ("seccomp",),
    "a container as Docker starts it": ("container", "delegation"),
    "nothing": ("landlock", "seccomp", "namespaces", "privileges"),
}
OF_ROOT = {"cgroups", "container"}
ROOMS = 25
MAKE = """
from pathlib import Path
from autograder.course import own_course
from autograder.sample import make_class
make_class(own_course(), Path("class").resolve())
"""


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["room"]:
        print(json.dumps(cost_of_a_room(int(sys.argv[2]))))
        return
    quick = "--quick" in sys.argv
    print("| way in | machine | isolation | sample class | sandbox, ms a room |")
    print("| --- | --- | --- | --- | ---: |")
    with tempfile.TemporaryDirectory(prefix="ways-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o755)
        first: dict[str, float] = {}
        for way, python in ways(Path(place), quick=quick):
            for machine in machines(quick=quick):
                folder = Path(tempfile.mkdtemp(dir=place))
                every = 3 if MACHINES[machine] else 1
                found = tried(python, MACHINES[machine], folder, every)
                first = first or found["scores"]
                same = compared(found["scores"], first)
                cost = f"{found['room'] - found['fork']:.0f}"
                print(f"| {way} | {machine} | {found['isolation']} | {same} | {cost} |", flush=True)


def ways(place: Path, *, quick: bool) -> Iterator[tuple[str, Path]]:
    """Each way in, with its Python."""
    from installed import install

    yield "checkout", Path(sys.executable)
    if not quick:
        (place / "wheel").mkdir()
        yield "wheel", install(place / "wheel").folder / "bin" / "python"


def machines(*, quick: bool) -> list[str]:
    """Those that can be made here."""
    names = [
        name for name, lacks in MACHINES.items() if os.geteuid() == 0 or not OF_ROOT & set(lacks)
    ]
    return names[-1:] if quick else names


def tried(python: Path, lacks: tuple[str, ...], folder: Path, every: int) -> dict[str, Any]:
    """The sample class, or every third student, graded, and rooms opened, on a machine without
    these.
    """
    if "privileges" in lacks and os.geteuid() == 0:
        from machines import NOBODY

        os.chown(folder, NOBODY, NOBODY)
    on = [str(python), str(ROOT / "tests" / "machines.py"), ",".join(lacks), str(python)]
    env = {**os.environ, "HOME": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}

    def run(*arguments: str, cwd: Path = folder, good: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [*on, *arguments], cwd=cwd, env=env, capture_output=True, text=True, check=False
        )
        if done.returncode not in good:
            raise SystemExit(f"{lacks}: {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return done.stdout

    run("-c", MAKE)
    made = folder / "class"
    students = sorted(path.name for path in (made / "submitted").iterdir())[::every]
    chosen = [word for name in students for word in ("--student", name)]
    grade = ("-m", "autograder", "grade", "--trust-submissions", "--json", "results.json")
    run(*grade, *chosen, cwd=made, good=(0, 1))  # some of the class wait for a person
    results = json.loads((made / "results.json").read_text(encoding="utf-8"))
    scores = {one["student"]: one["score"] for one in results["students"]}
    measured = json.loads(run(__file__, "room", str(ROOMS)).splitlines()[-1])
    return {"scores": scores, "isolation": results["isolation"], **measured}


def compared(scores: dict[str, float], first: dict[str, float]) -> str:
    """Who has another score than in the first row."""
    others = sorted(name for name in scores if scores[name] != first.get(name))
    return f"other scores: {', '.join(others)}" if others else f"{len(scores)}: the same"


def cost_of_a_room(count: int) -> dict[str, float]:
    """Milliseconds of a warm room with nothing in it, and of a fork of what it is forked from."""
    from autograder.rooms.limits import Limits
    from autograder.rooms.warm import warm_rooms

    source = "def f(payload): pass"

    def room() -> None:
        with tempfile.TemporaryDirectory() as folder:
            called = rooms.run_code(source, "f", None, Path(folder), Limits(), seconds=60)
            assert called.ended.status == 0, called.log
            assert called.layers["warm"] == "warm"

    with warm_rooms() as rooms:
        room()  # waits for the import
        opened = timed(room, count)
    import_module("tensorflow")  # a fork copies the tables of as many pages
    return {"room": opened, "fork": timed(fork, count)}


def fork() -> None:
    """A child that ends at once."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def timed(function: Callable[[], None], count: int) -> float:
    """Median in milliseconds."""
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds)


if __name__ == "__main__":
    main()
