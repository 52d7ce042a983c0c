"""How far a long command is: a line that moves in a terminal; elsewhere a plain one for each thing
that is done, and one after ten seconds in which nothing was. It says who is being run at this
moment, and how long there is to go.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

EVERY = 10.0  # seconds without a line where there is no terminal, until one says who is being run
_FEW = 3
NAMES = 4  # of those that are being run


@dataclass
class Work:
    """A number of things to do, some side by side, and what is done of them."""

    what: str
    total: int
    completed: int = 0
    clock: Callable[[], float] = time.monotonic
    begun: dict[str, float] = field(default_factory=dict)  # those being run, and since when

    def __post_init__(self) -> None:
        self._start, self._before = self.clock(), self.completed
        self.said = self._start  # when a line was last written

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """This one is being run."""
        self.begun[name] = self.clock()
        try:
            yield
        finally:
            del self.begun[name]

    def seconds_left(self) -> float | None:
        """As long as the others will take if they are like those that are done; None before a few
        are, unless few are to come.
        """
        done = self.completed - self._before
        spent = self.clock() - self._start
        enough = done and (done >= _FEW or self.total - self.completed <= _FEW)
        return spent / done * (self.total - self.completed) if enough else None

    def note(self) -> str:
        """How long there is to go, and who is being run."""
        left, running = self.seconds_left(), dict(self.begun)
        names = [f"{name} ({span(self.clock() - since)})" for name, since in running.items()]
        more = [f"{len(names) - NAMES} more"] if len(names) > NAMES else []
        parts = [
            f"about {span(left)} to go" if left else "",
            f"now {', '.join(names[:NAMES] + more)}" if names else "",
        ]
        return "; ".join(part for part in parts if part)

    def sentence(self) -> str:
        """All of it in one line."""
        done = f"{self.completed} of {self.total} in {span(self.clock() - self._start)}"
        return "; ".join(part for part in (f"{self.what}: {done}", self.note()) if part)


class Bar:
    """Shows works, one after the other."""

    def __init__(self, console: Console, stack: ExitStack) -> None:
        self._console, self._stack = console, stack

    def add_task(self, what: str, total: int, completed: int = 0) -> Work:
        """Show this from now on."""
        work = Work(what, total, completed)
        self._stack.enter_context((_live if _moves(self._console) else _plain)(self._console, work))
        return work

    def advance(self, work: Work, said: str = "") -> None:
        """One more is done; called from one thread. A line says so where there is no terminal."""
        work.completed += 1
        if said and not _moves(self._console):
            left = work.seconds_left()
            to_go = f"; about {span(left)} to go" if left else ""
            line = f"{work.what}: {work.completed} of {work.total}, {said}{to_go}"
            self._console.print(Text(line), soft_wrap=True)
            work.said = work.clock()


@contextmanager
def progress_bar(console: Console) -> Iterator[Bar]:
    """Where works are shown until the end of the block."""
    with ExitStack() as stack:
        yield Bar(console, stack)


def tell(work: Work, say: Callable[[str], None], wait: Callable[[float], bool]) -> None:
    """A line after ten seconds without one, until `wait`, which takes seconds, says that it is
    over.
    """
    while not wait(EVERY):
        if work.clock() - work.said >= EVERY:
            say(work.sentence())
            work.said = work.clock()


def span(seconds: float) -> str:
    """A time as people say it."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole < 600 and whole % 60 else "")
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def _moves(console: Console) -> bool:
    """Whether a person looks at it; colours asked for in a pipe (FORCE_COLOR) are no terminal."""
    return console.is_terminal and not console.is_dumb_terminal and console.file.isatty()


@contextmanager
def _plain(console: Console, work: Work) -> Iterator[None]:
    over = threading.Event()

    def say(line: str) -> None:
        console.print(Text(line), soft_wrap=True)

    teller = threading.Thread(target=tell, args=(work, say, over.wait), daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()


@contextmanager
def _live(console: Console, work: Work) -> Iterator[None]:
    with _Live(console, work) as shown:
        shown.add_task(work.what, total=work.total, note="")
        yield


class _Live(Progress):
    """Rich's line, which reads off the work whenever it is drawn."""

    def __init__(self, console: Console, work: Work) -> None:
        self._work = work
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[note]}", markup=False),
        )
        super().__init__(*columns, console=console, refresh_per_second=2)

    def get_renderables(self) -> Iterable[RenderableType]:
        """What is drawn."""
        for task in self.task_ids:
            self.update(task, completed=self._work.completed, note=self._work.note())
        return super().get_renderables()
