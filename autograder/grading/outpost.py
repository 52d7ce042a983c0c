"""A process on a worker that grades what it is asked to, in warm rooms that it keeps open.

    python -m autograder.grading.outpost FOLDER archive|common COURSE THREADS ASSIGNMENT...

It says in a line of JSON on standard output what it is, then reads requests and writes answers, a
line each. It ends, with its rooms, when standard input does, or when nothing was asked for a while.
"""

from __future__ import annotations

import dataclasses
import json
import os
import select
import shutil
import sys
import threading
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from autograder.bench import Bench, open_bench
from autograder.course import Course, Settings, find_course
from autograder.errors import AutograderError
from autograder.files import let_go, lock, remove, replacing, sweep, temporary_folder
from autograder.grading.hands import isolation_of
from autograder.grading.keys import run_parts, verdict_parts
from autograder.grading.parcels import pack_run, read_job, unpack
from autograder.grading.stages import Overloaded, do, open_rooms
from autograder.rooms.seam import Rooms

IDLE = 600.0  # seconds without a request
MOST_BYTES = 1 << 36  # of the course; it comes from whom we work for
_USUAL = ("graders", "labkit", "bank", "attacks")


def main(arguments: list[str]) -> None:
    """Serve until nobody asks any more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print is no answer
    folder, kind, course, threads, *names = arguments
    rooms = ExitStack()
    try:
        outpost = _open(rooms, Path(folder), Path(course), names, common=kind == "common")
        outpost.serve(answers, int(threads))
    except AutograderError as error:
        _tell(answers, {"error": str(error)})
    let_go()
    os._exit(0)  # whatever rooms are still at: they end with this process


@dataclasses.dataclass
class _Outpost:
    folder: Path
    common: bool  # runs are stored where they are wanted
    benches: Mapping[str, Bench]
    rooms: Rooms

    def serve(self, answers: IO[str], threads: int) -> None:
        said = {
            "parts": {
                name: {"run": run_parts(bench), "verdict": verdict_parts(bench)}
                for name, bench in self.benches.items()
            },
            "isolation": isolation_of(self.rooms),
            "outpost": os.getpid(),
        }
        _tell(answers, said)
        writing, in_hand = threading.Lock(), set[int]()

        def work(request: dict[str, Any]) -> None:
            answer = self._answer(request)
            with writing:
                _tell(answers, {**answer, "number": request["number"]})
            in_hand.discard(request["number"])

        pool = ThreadPoolExecutor(threads)
        for request in _requests(in_hand):
            in_hand.add(request["number"])
            pool.submit(work, request)

    def _answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        bench, parcel = self.benches[request["assignment"]], Path(request["parcel"])
        try:
            with temporary_folder("parcel", str(self.folder)) as opened:
                unpack(parcel, opened, MOST_BYTES)
                return self._graded(bench, opened, request["key"], alone=request["alone"])
        except Overloaded as error:
            return {"ended": "overloaded", "why": str(error)}
        except Exception as error:
            told = str(error) if isinstance(error, AutograderError) else f"{error!r}"
            return {"ended": "failed", "why": " ".join(told.split())[:500]}
        finally:
            parcel.unlink(missing_ok=True)

    def _graded(self, bench: Bench, opened: Path, key: str, *, alone: bool) -> dict[str, Any]:
        job, stored = read_job(opened)
        if self.common:  # who asks holds the lock
            do(bench, job, self.rooms, alone=alone)
            return {"ended": "stored"}
        place = bench.run_dir(job.student)
        with lock(bench.lock_place(job.student)):
            remove(place)  # of a process that was killed
            if stored is not None:
                shutil.copytree(stored, place)
            try:
                do(bench, job, self.rooms, alone=alone)
                archive = self.folder / f"{key}.tar"
                with archive.open("wb") as stream:
                    pack_run(place, stream)
            finally:
                remove(place)
        return {"ended": "packed", "bytes": archive.stat().st_size}


def _open(
    stack: ExitStack, folder: Path, place: Path, names: list[str], *, common: bool
) -> _Outpost:
    course = find_course(place) if common else _unpacked(place)
    benches = {name: open_bench(course, name) for name in names}
    sweep(course.runs, course.runs / ".judge", *(course.runs / name for name in names))
    return _Outpost(folder, common, benches, stack.enter_context(open_rooms(course)))


def _unpacked(archive: Path) -> Course:
    """The course, unpacked once for all processes on a worker."""
    place = archive.with_suffix("")
    if not place.is_dir():
        sweep(place.parent)
        with replacing(place) as made:
            unpack(archive, made, MOST_BYTES)
    course = find_course(place)
    usual = {name: getattr(Settings(), name) for name in _USUAL}
    return Course(place, dataclasses.replace(course.settings, **usual))


def _requests(in_hand: Collection[int]) -> Iterator[dict[str, Any]]:
    """Until standard input ends, or nobody asked for long and nothing is in hand."""
    requests, last = os.fdopen(0, "rb", buffering=0), time.monotonic()
    while in_hand or time.monotonic() - last < IDLE:
        ready, _, _ = select.select([requests], [], [], 1.0)
        if ready:
            line = requests.readline()
            if not line.endswith(b"\n"):
                return
            last = time.monotonic()
            yield json.loads(line)


def _tell(answers: IO[str], said: Mapping[str, Any]) -> None:
    answers.write(json.dumps(said) + "\n")
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
