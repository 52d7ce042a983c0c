"""The rooms of a Dask cluster's workers, for `grade --cluster`; imported with that option alone.

All connections are TLS. A worker is asked first what it is: our package, the same code, libraries
and course as here, rooms closed enough. One that isn't fit is left out by name. Each submission is
one task; what comes of it waits on the worker, is fetched through the scheduler in pieces, and is
stored here only if it passes what `autograder merge` asks of a run from elsewhere. Dask may run a
task twice. Its result is stored once.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import importlib.metadata
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

from autograder.bench import Bench
from autograder.course import Course
from autograder.errors import AutograderError, IsolationError, RoomError, RunRefused, UsageError
from autograder.faults import told
from autograder.files import digest, temporary_folder
from autograder.grading import worker
from autograder.grading.hands import demand_isolation
from autograder.grading.merging import MOST_BYTES, take_over, unlike
from autograder.grading.parcels import pack_course, pack_job, unpack
from autograder.grading.scheduler import PACKAGE, certificates, connected, scheduler_address
from autograder.grading.stages import Overloaded, due, read_whole, to_do
from autograder.records import Verdict
from autograder.showing import shown

PIECE = 16 << 20  # bytes of one message
MOST_PARCEL = 64 << 20  # bytes that go with a task
PATIENCE = 120.0  # seconds in which a worker has to be ready
_LOOK = 1.0
_TRIES = 4  # of a submission, as often as its workers vanish
_LEAVE = 2.0  # seconds in which workers are told that they can stop
_AT_ONCE = 4  # workers that are made ready, and runs that are fetched


class _Vanished(Exception):
    """A worker, or what lay on it, is gone; another will do."""


@dataclass
class _Worker:
    """A worker that we know."""

    address: str
    threads: int
    outpost: int | None = None  # the process that grades there
    fit: bool = False
    why: AutograderError | None = None  # why it isn't


@dataclass
class Cluster:
    """Hands of a batch (hands.py): workers as they come and go."""

    place: str  # address of the scheduler, or its file
    benches: Sequence[Bench]
    console: Console
    trust: bool = False
    most: int = 256  # submissions that wait for a worker or are at one
    stack: ExitStack = field(default_factory=ExitStack)
    client: Any = None

    def __post_init__(self) -> None:
        self.address, self._security = scheduler_address(self.place), certificates()
        self._course = self.benches[0].course
        self._session, self._digest = secrets.token_hex(8), ""
        self._workers: dict[str, _Worker] = {}
        self._changed = threading.Condition()
        self._opening, self._fetching = threading.Lock(), threading.Semaphore(_AT_ONCE)
        self._closed = threading.Event()
        self._begun = 0  # submissions whose turn it is
        self._numbers = 0

    def open(self) -> None:
        """Connect, and wait for a worker that is fit.

        Raises:
            UsageError: the scheduler does not answer, no worker comes, or none is fit.
            IsolationError: all workers' rooms are less closed than the course demands.
        """
        with self._opening:
            if self.client is None:
                self._pack()
                found = connected(self.address, self._security)
                self.client = self.stack.enter_context(contextlib.closing(found))
                threading.Thread(target=self._look, daemon=True).start()
                try:
                    self._fit()
                except OSError as error:
                    raise UsageError(f"--cluster: {told(error)}") from None
                self.console.print(Text(f"rooms of the workers at {self.address}"))

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """As many submissions at a time as workers have threads, and a few on their way."""
        with self._changed:
            while self._begun >= self._places() and not self._closed.is_set():
                self._changed.wait(_LOOK)
            self._begun += 1
        try:
            yield
        finally:
            with self._changed:
                self._begun -= 1
                self._changed.notify()

    def verdict(self, bench: Bench, student: str, *, alone: bool) -> Verdict:
        """From a worker, unless nothing has to be run."""
        self.open()
        job = to_do(bench, student)
        if isinstance(job, Verdict):
            return job
        parcel = pack_job(job, bench.run_dir(student))
        if len(parcel) > MOST_PARCEL:
            raise UsageError(
                f"it has {len(parcel) >> 20:,} MiB, and {MOST_PARCEL >> 20} travel to a cluster;"
                f" grade it here: autograder grade {bench.name} --student {student}"
            )
        why = "?"
        for _ in range(_TRIES):
            try:
                return self._from_worker(bench, student, parcel, alone=alone)
            except _Vanished as error:
                why = str(error)
        raise RoomError(f"its workers vanished {_TRIES} times, at last: {why}")

    def close(self) -> None:
        """Cancel what has begun; workers end it, what came home stays."""
        if self._closed.is_set():
            return
        self._closed.set()
        with self._changed:
            self._changed.notify_all()
        if self.client is not None and not self._gone:
            leaving = threading.Thread(target=self._leave, daemon=True)
            leaving.start()
            leaving.join(_LEAVE)
        with contextlib.suppress(Exception):
            self.stack.close()

    # --- the scheduler -----------------------------------------------------------------------

    @property
    def _gone(self) -> bool:
        """Whether the scheduler does not come back; for a while the client tries to reach it."""
        return self.client is not None and self.client.status in {"closing", "closed"}

    def _call(self, address: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function says in the process of a worker.

        Raises:
            _Vanished: nothing.
        """
        try:
            found = self.client.run(function, *arguments, workers=[address], on_error="return")[
                address
            ]
        except Exception as error:  # whatever a connection that breaks raises, by moment and layer
            raise _Vanished(f"{type(error).__name__}: {error}") from None
        if isinstance(found, Exception):
            raise _Vanished(f"{shown(address)}: {type(found).__name__}: {shown(found)}")
        return found

    def _leave(self) -> None:
        with contextlib.suppress(Exception):
            addresses = list(self._workers)
            self.client.run(worker.end, self._session, workers=addresses, on_error="ignore")

    # --- workers that are fit ----------------------------------------------------------------

    def _pack(self) -> None:
        """The course in an archive, and a folder by which a worker on a common disk knows it."""
        place = temporary_folder(".cluster", str(self._course.runs))
        self._token = self.stack.enter_context(place).name
        self._archive: Any = self.stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        pack_course(self._course, self.benches, self._archive)
        self._archive.seek(0)
        self._digest = hashlib.file_digest(self._archive, "sha256").hexdigest()

    def _look(self) -> None:
        """Make workers ready as they come, forget them as they go."""
        pool = ThreadPoolExecutor(_AT_ONCE)
        while not self._closed.is_set():
            with contextlib.suppress(Exception):  # as above
                self._update(dict(self.client.nthreads()), pool)
            self._closed.wait(_LOOK)
        pool.shutdown(wait=False, cancel_futures=True)

    def _update(self, there: Mapping[str, int], pool: ThreadPoolExecutor) -> None:
        with self._changed:
            for address in self._workers.keys() - there.keys():
                del self._workers[address]
            for address in there.keys() - self._workers.keys():
                self._workers[address] = _Worker(address, there[address])
                pool.submit(self._ready, self._workers[address])
            self._changed.notify_all()

    def _ready(self, one: _Worker) -> None:
        try:
            self._demand_fit(one)
            one.fit = True
        except _Vanished as error:
            one.why = RoomError(str(error))
        except AutograderError as error:
            one.why = error
        except Exception as error:  # a worker that answers otherwise than ours do
            one.why = RoomError(f"{type(error).__name__}: {error}")
        with self._changed:
            self._changed.notify_all()
        if one.why and not self._closed.is_set():
            said = f"worker {one.address} is left out: {shown(one.why, 400)}"
            self.console.print(Text(said, style="yellow"), soft_wrap=True)
            with contextlib.suppress(_Vanished):
                self._call(one.address, worker.end, self._session)

    def _demand_fit(self, one: _Worker) -> None:
        """Bring a worker the course and have it say what it is.

        Raises:
            UsageError: it has another version of something.
            IsolationError: its rooms are less closed than the course demands.
        """
        here = importlib.metadata.version(PACKAGE)
        try:
            there = self._call(one.address, importlib.metadata.version, PACKAGE)
        except _Vanished as error:
            raise UsageError(f"expected {PACKAGE} {here} there, found none ({error})") from None
        if there != here:
            raise UsageError(f"expected {PACKAGE} {here} there, found {shown(there)}")
        self._demand_resources(one)
        common = self._bring(one) == "common"
        names = [bench.name for bench in self.benches]
        said = self._call(
            one.address, worker.begin, self._session, "" if common else self._digest, names
        )
        if "error" in said:
            raise UsageError(shown(said["error"], 500))
        for bench in self.benches:
            if other := unlike(bench, said["parts"][bench.name]):
                raise UsageError(f"it has another version of the course or of a library: {other}")
        if not self.trust:
            demand_isolation(self._course, said["isolation"], one.address)
            if said["isolation"] == "none":
                raise IsolationError(
                    "in its rooms students' code could read the key with which code is run on all"
                    " of the cluster; if you know who wrote the submissions, use"
                    " --trust-submissions"
                )
        one.outpost = said["outpost"]

    def _demand_resources(self, one: _Worker) -> None:
        for name, wanted in (gpus(self._course) or {}).items():
            info = self.client.scheduler_info(n_workers=-1)["workers"].get(one.address, {})
            if info.get("resources", {}).get(name, 0) < wanted:
                raise UsageError(
                    f'the course asks for a GPU; start it with --resources "{name}={wanted:g}"'
                )

    def _bring(self, one: _Worker) -> str:
        """See that the course is there; whether on a common disk or in an archive."""
        found = self._call(one.address, worker.have, self._digest, self._token)
        if not found:
            offset = 0
            while piece := os.pread(self._archive.fileno(), PIECE, offset):
                self._call(one.address, worker.take, self._session, self._digest, offset, piece)
                offset += len(piece)
            if not self._call(one.address, worker.whole, self._session, self._digest):
                raise _Vanished("the course did not arrive whole")
        return str(found)

    def _places(self) -> int:
        threads = sum(one.threads for one in self._workers.values() if one.fit)
        return threads + max(1, threads // 4)

    def _fit(self) -> list[str]:
        """The workers that are fit; waits until there is one.

        Raises:
            UsageError, IsolationError: there are workers, and none is fit.
            OSError: the scheduler is gone, or no worker comes.
        """
        end = time.monotonic() + PATIENCE
        with self._changed:
            while not self._closed.is_set():
                workers = list(self._workers.values())
                fit = [one.address for one in workers if one.fit]
                if self._gone:
                    raise _fault(errno.EHOSTDOWN, self.address)
                if fit and self.client.status == "running":  # else it tries to connect again
                    return fit
                unfit = [one.why for one in workers if one.why]
                if unfit and len(unfit) == len(workers):
                    raise _nobody(workers)
                if time.monotonic() > end:
                    raise _fault(errno.EHOSTUNREACH, self.address)
                self._changed.wait(_LOOK)
        raise RoomError("stopped")

    # --- a submission ------------------------------------------------------------------------

    def _from_worker(self, bench: Bench, student: str, parcel: bytes, *, alone: bool) -> Verdict:
        answer = self._task(bench, student, parcel, alone=alone)
        address, why = str(answer["worker"]), shown(answer.get("why", ""), 500)
        if answer["ended"] in {"unprepared", "lost"}:
            with self._changed:
                known = self._workers.get(address)
                if known and known.outpost == answer["outpost"]:  # else it is replaced already
                    del self._workers[address]
            raise _Vanished(shown(answer.get("error", "a worker that was started anew"), 500))
        if answer["ended"] == "overloaded":
            raise Overloaded(why)
        if answer["ended"] == "failed":
            raise RoomError(f"on {address}: {why}")
        if answer["ended"] == "packed":
            with self._fetching:
                self._fetch(bench, student, address, answer)
        else:
            _seen(bench, student, address)
        return read_whole(bench.run_dir(student))

    def _task(self, bench: Bench, student: str, parcel: bytes, *, alone: bool) -> dict[str, Any]:
        """What the task answers; let go of at once, or a worker's death would run it again."""
        where = self._fit()
        with self._changed:
            self._numbers += 1
            number = self._numbers
        # no name of a student: Dask shows keys on pages that everybody can read
        key = f"grade-{digest(bench.name, student, parcel, self._session, str(number))}"
        request = {"assignment": bench.name, "key": key, "alone": alone}
        future = self.client.submit(
            worker.grade,
            self._session,
            request,
            parcel,
            key=key,
            pure=False,
            retries=1,
            workers=where,
            resources=gpus(bench.course),
        )
        over = threading.Event()
        future.add_done_callback(lambda _: over.set())
        try:
            while not over.wait(_LOOK):
                if self._closed.is_set():
                    raise RoomError("stopped")
                with self._changed:
                    left = any(one in self._workers for one in where)
                if not left or self._gone:
                    raise _Vanished("all workers that could grade it went")
            answer: dict[str, Any] = {**future.result(timeout=PATIENCE), "key": key}
        except (_Vanished, AutograderError):
            future.cancel()
            raise
        except (Exception, asyncio.CancelledError) as error:
            if self._closed.is_set():
                raise RoomError("stopped") from None
            raise _Vanished(f"{type(error).__name__}: {shown(error, 300)}") from None
        finally:
            future.release()
        return answer

    def _fetch(self, bench: Bench, student: str, address: str, answer: dict[str, Any]) -> None:
        """Bring a run home and store it, if it is what would be stored here."""
        size, limits, key = int(answer["bytes"]), bench.course.limits, answer["key"]
        most = limits.folder_bytes + MOST_BYTES
        if size > most:
            raise RunRefused(f"it holds {size:,} bytes, more than a run may")
        with temporary_folder(".fetched", str(bench.course.runs)) as folder:
            archive = folder / "run.tar"
            with archive.open("wb") as stream:
                while stream.tell() < size:
                    at = stream.tell()
                    piece = self._call(address, worker.piece, self._session, key, at, PIECE)
                    if not isinstance(piece, bytes) or not piece or len(piece) > size - at:
                        raise _Vanished(f"{address} does not hold the run any more")
                    stream.write(piece)
            unpack(archive, folder / "run", most)
            take_over(bench, student, folder / "run", trust=self.trust)
        with contextlib.suppress(_Vanished):
            self._call(address, worker.forget, self._session, key)


def _seen(bench: Bench, student: str, address: str) -> None:
    """Wait until a run is seen that a worker stored on the common disk, which may take a while."""
    end = time.monotonic() + PATIENCE
    while due(bench, student).do != "nothing":
        if time.monotonic() > end:
            raise _Vanished(f"what {address} stored can't be seen here: is the disk the same?")
        time.sleep(_LOOK)


def gpus(course: Course) -> dict[str, float] | None:
    """The resources of a worker that a task takes."""
    wanted = course.settings.rooms.gpu
    return None if isinstance(wanted, str) else {"GPU": float(wanted)}


def _fault(number: int, address: str) -> OSError:
    """One that ends the batch, as a full disk does."""
    return OSError(number, os.strerror(number), address)


def _nobody(workers: Sequence[_Worker]) -> AutograderError:
    """Why no worker will do."""
    kind = IsolationError if all(isinstance(one.why, IsolationError) for one in workers) else None
    whys = [f"{one.address}: {shown(one.why, 500)}" for one in workers[:3]]
    more = f"; and {len(workers) - 3} more" if len(workers) > 3 else ""
    return (kind or UsageError)(f"--cluster: no worker can grade this: {'; '.join(whys)}{more}")
