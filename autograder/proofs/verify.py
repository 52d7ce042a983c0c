"""Grades the graders: the reference scores full, the untouched release 0,
every recipe of the bank what it says.
"""

from __future__ import annotations

import heapq
import itertools
import shutil
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.text import Text

from autograder.bench import Bench
from autograder.calibration.current import refusals
from autograder.errors import AutograderError, RoomError
from autograder.grading.stages import Overloaded
from autograder.progress import progress_bar
from autograder.proofs.comparing import Deviation
from autograder.proofs.known import (
    Known,
    Result,
    due,
    ensure,
    failure,
    known_submissions,
    result,
    seconds_expected,
)
from autograder.proofs.proof import Proof, demand_released
from autograder.rooms.seam import Rooms

THRESHOLDS = "(thresholds)"

OpenRooms = Callable[[], AbstractContextManager[Rooms]]
Make = Callable[..., None]  # a known submission's verdict, `alone` or beside others


@dataclass(frozen=True)
class Verified:
    """What became of the known submissions of an assignment."""

    assignment: str
    results: tuple[Result, ...]  # by name
    remembered: int  # how many results are those of an earlier call


def forget(proofs: Iterable[Proof]) -> None:
    """Remember nothing of what was verified."""
    for proof in proofs:
        shutil.rmtree(proof.folder, ignore_errors=True)


def verify(
    proofs: Sequence[Proof], open_rooms: OpenRooms, jobs: int, console: Console
) -> list[Verified]:
    """Run and judge the known submissions, as far as what is stored of them does not hold.
    Interrupted at any point, the next call goes on where this one stopped.

    Thresholds without a current calibration record are a deviation of their own.

    Raises:
        UsageError: a release is not what its source gives, or its public checks raise.
    """
    known = {proof: known_submissions(proof) for proof in proofs}
    todo = {proof: work_of(known[proof]) for proof in proofs}
    for proof in proofs:
        if todo[proof]:  # else it was found to be right, and has not changed
            demand_released(proof)
    failed: dict[Path, Result] = {}
    if work := [one for proof in proofs for one in todo[proof]]:
        failed = make_all(work, open_rooms, jobs, console)
    found = []
    for proof in proofs:
        made = [failed.get(one.folder) or result(one) for one in known[proof]]
        ordered = sorted(_refused(proof.bench) + made, key=lambda one: one.name)
        found.append(Verified(proof.name, tuple(ordered), len(made) - len(todo[proof])))
    return found


def work_of(known: Iterable[Known]) -> list[Known]:
    """Those of an assignment that are to be made, or may be once their base is made anew."""
    found: list[Known] = []
    anew: set[Path] = set()  # bases; they come before their recipes
    for one in known:
        if one.base in anew:
            found.append(one)
        elif (work := due(one)).do != "nothing":
            found.append(one)
            anew |= {one.folder} if work.do in {"run", "ask"} else set()
    return found


def _refused(bench: Bench) -> list[Result]:
    found = refusals(bench.course, bench.name, bench.hidden)
    deviations = tuple(
        Deviation("threshold", "", "a current calibration record", why) for why in found
    )
    return [Result(THRESHOLDS, "calibrated thresholds", deviations, {}, 0.0)] if deviations else []


# --- many side by side -----------------------------------------------------------------------


def make_all(
    work: Sequence[Known], open_rooms: OpenRooms, jobs: int, console: Console, doing: str = "verify"
) -> dict[Path, Result]:
    """Make them; what could not be made, by run directory."""
    stop = threading.Event()
    with ExitStack() as stack:
        rooms = stack.enter_context(open_rooms())
        console.print(Text(f"isolation: {rooms.isolation}"))
        with progress_bar(console) as progress, ThreadPoolExecutor(jobs) as pool:
            bar = progress.add_task(doing, total=len(work))

            def make(one: Known, *, alone: bool) -> None:
                with bar.on(f"{one.proof.name} {one.recipe.name}"):
                    ensure(one, rooms=rooms, stop=stop, alone=alone)

            try:
                failed = {}
                for one, error in _side_by_side(_Queue(work), pool, jobs, make):
                    progress.advance(bar)
                    if error is not None:
                        failed[one.folder] = failure(one, error)
                return failed
            except BaseException:  # Ctrl-C too: what has begun dies with its rooms
                stop.set()
                pool.shutdown(wait=False, cancel_futures=True)
                stack.close()
                raise


def _side_by_side(
    queue: _Queue, pool: ThreadPoolExecutor, jobs: int, make: Make
) -> Iterator[tuple[Known, AutograderError | None]]:
    """Each with why it could not be made, if it could not; those that ran out of time beside
    others come again, alone.
    """
    running: dict[Future[None], Known] = {}
    late: list[Known] = []
    while running or queue.ready or late:
        while queue.ready and len(running) < jobs:
            one = queue.take()
            running[pool.submit(make, one, alone=jobs == 1)] = one
        if not running:
            one = late.pop()
            running[pool.submit(make, one, alone=True)] = one
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            one, error = running.pop(future), future.exception()
            if isinstance(error, Overloaded):
                late.append(one)
                continue
            if isinstance(error, Exception) and not isinstance(error, AutograderError):
                error = _logged(one, error)
            if error is not None and not isinstance(error, AutograderError):
                raise error  # Ctrl-C
            yield one, error
            for recipe in queue.finish(one):
                if error is None:
                    queue.add(recipe)
                else:
                    yield recipe, RoomError(f"{one.recipe.name} could not be run: {error}")


def _logged(one: Known, error: Exception) -> RoomError:
    """An error of ours, which costs this one known submission, with where more of it stands."""
    log = one.folder.parent / "errors.log"
    with log.open("a", encoding="utf-8") as stream:
        stream.write(f"{one.recipe.name}\n{''.join(traceback.format_exception(error))}\n")
    return RoomError(f"{type(error).__name__}: {error} (more in {log})")


class _Queue:
    """Bases first, then what takes longest, so that all who work come to an end together;
    no recipe before its base.
    """

    def __init__(self, work: Iterable[Known]) -> None:
        self.ready: list[tuple[bool, float, int, Known]] = []
        self._numbers = itertools.count()
        self._waiting: dict[Path, list[Known]] = {}  # recipes by base
        work = list(work)
        there = {one.folder for one in work}
        for one in work:
            if one.base in there:
                self._waiting.setdefault(one.base, []).append(one)
            else:
                self.add(one)

    def add(self, one: Known) -> None:
        """It can be made now."""
        order = (one.base is not None, -seconds_expected(one), next(self._numbers), one)
        heapq.heappush(self.ready, order)

    def take(self) -> Known:
        """The next."""
        return heapq.heappop(self.ready)[-1]

    def finish(self, one: Known) -> list[Known]:
        """It is made: what has waited for it."""
        return self._waiting.pop(one.folder, [])
