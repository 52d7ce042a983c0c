"""Gradebook and feedback, written beside the runs by the only thread that meets the gradebook."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager

from rich.console import Console

from autograder.bench import Bench
from autograder.errors import FaultError
from autograder.faults import told
from autograder.grading.gradebook import open_writer
from autograder.progress import progress_bar
from autograder.records import Verdict

Write = Callable[[str], str | None]  # a student's verdict; why that failed
_PATIENCE = 30.0  # seconds until a gradebook that took nothing is tried again; each time may cost 5


class Writer:
    """Brings verdicts into gradebook and feedback, one at a time, while others are run."""

    def __init__(self, pool: Executor, write: Write | None) -> None:
        self.fault = ""  # why the gradebook takes nothing
        self._pool, self._write = pool, write  # None: the gradebook is left alone
        self._written: dict[str, Future[str | None]] = {}
        self._until = 0.0  # nothing is tried before
        self._fault = FaultError()

    def take(self, verdict: Verdict | None) -> None:
        """Write this one when those before it are written."""
        if self._write and verdict is not None and verdict.status != "missing":
            self._written[verdict.student] = self._pool.submit(self._begin, verdict.student)

    def failed(self, console: Console) -> dict[str, str]:
        """Wait until all are written; the students that are not in the gradebook, and why."""
        waiting = [one for one in self._written.values() if not one.done()]
        with progress_bar(console) as progress:
            bar = progress.add_task("gradebook and feedback", total=len(waiting))
            for one in waiting:
                wait([one])
                progress.advance(bar)
        self._try_again()
        why = {student: _why(one) for student, one in self._written.items()}
        return {student: f"not in the gradebook: {text}" for student, text in why.items() if text}

    def _begin(self, student: str) -> str | None:
        assert self._write is not None
        if time.monotonic() < self._until:
            raise self._fault
        try:
            return self._write(student)
        except FaultError as fault:
            self._fault, self._until = fault, time.monotonic() + _PATIENCE
            raise

    def _try_again(self) -> None:
        """What a gradebook did not take that was locked, say: it may be free by now."""
        self._until = 0.0
        for student, one in self._written.items():
            if one.exception():
                self._written[student] = self._pool.submit(self._begin, student)
                if self._written[student].exception():
                    self.fault = str(self._fault)
                    return

    def stop(self) -> None:
        """Begin no other; what is written stays, and the next call writes the rest."""
        for one in self._written.values():
            one.cancel()


@contextmanager
def gradebook_writer(bench: Bench, *, part: bool) -> Iterator[Writer]:
    """The only thread of this process that meets the gradebook; part of a shared job has none."""
    stopped = threading.Event()
    with ThreadPoolExecutor(1, "writer") as pool, ExitStack() as stack:
        if part:
            yield Writer(pool, None)
            return
        opening = open_writer(bench.course, bench.assignment, stopped.is_set)
        try:
            write: Write = pool.submit(stack.enter_context, opening).result()
        except OSError as error:
            write = _refusing(FaultError(told(error)))
        writer = Writer(pool, write)
        try:
            yield writer
        finally:
            stopped.set()
            writer.stop()
            pool.submit(stack.close).result()


def _refusing(fault: FaultError) -> Write:
    def write(student: str) -> str | None:  # noqa: ARG001
        raise fault

    return write


def _why(written: Future[str | None]) -> str | None:
    with contextlib.suppress(FaultError):
        return written.result()
    return "it takes nothing"
