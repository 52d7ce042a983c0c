"""Gradebook and feedback, written beside the runs by the only thread that meets the gradebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager

from rich.console import Console

from autograder.bench import Bench
from autograder.grading.gradebook import open_writer
from autograder.progress import progress_bar
from autograder.records import Verdict


class Writer:
    """Brings verdicts into gradebook and feedback, one at a time, while others are run."""

    def __init__(self, begin: Callable[[str], Future[str | None]] | None) -> None:
        self._begin = begin  # None: the gradebook is left alone
        self._written: dict[str, Future[str | None]] = {}

    def take(self, verdict: Verdict | None) -> None:
        """Write this one when those before it are written."""
        if self._begin and verdict is not None and verdict.status != "missing":
            self._written[verdict.student] = self._begin(verdict.student)

    def failed(self, console: Console) -> dict[str, str]:
        """Wait until all are written; the students that are not in the gradebook, and why."""
        waiting = [one for one in self._written.values() if not one.done()]
        with progress_bar(console) as progress:
            bar = progress.add_task("gradebook and feedback", total=len(waiting))
            for one in waiting:
                wait([one])
                progress.advance(bar)
        why = {student: one.result() for student, one in self._written.items()}
        return {student: f"not in the gradebook: {text}" for student, text in why.items() if text}

    def stop(self) -> None:
        """Begin no other; what is written stays, and the next call writes the rest."""
        for one in self._written.values():
            one.cancel()


@contextmanager
def gradebook_writer(bench: Bench, *, part: bool) -> Iterator[Writer]:
    """The only thread of this process that meets the gradebook; part of a shared job has none."""
    if part:
        yield Writer(None)
        return
    with ThreadPoolExecutor(1, "writer") as pool, ExitStack() as stack:
        opening = open_writer(bench.course, bench.assignment)
        write = pool.submit(stack.enter_context, opening).result()
        writer = Writer(lambda student: pool.submit(write, student))
        try:
            yield writer
        finally:
            writer.stop()
            pool.submit(stack.close).result()
