"""Who runs and judges the submissions of a batch: rooms of this machine, or others (cluster.py)."""

from __future__ import annotations

import contextlib
import threading
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Protocol

from rich.console import Console
from rich.text import Text

from autograder.bench import Bench
from autograder.course import Course
from autograder.errors import IsolationError, RoomError
from autograder.grading.stages import ensure_verdict, judge_again, open_rooms
from autograder.records import Verdict
from autograder.rooms.seam import Rooms

RETRIES = 2  # of what fails for a reason that is ours


class Hands(Protocol):
    """Called from many threads, `open` first and `close` last."""

    @property
    def most(self) -> int:
        """How many threads are of use."""

    def open(self) -> None:
        """Be ready. Raises IsolationError where rooms are less closed than the course demands."""

    def turn(self) -> AbstractContextManager[None]:
        """Wait until another submission can be begun."""

    def verdict(self, bench: Bench, student: str, *, alone: bool) -> Verdict:
        """The verdict, which is stored here then. Raises what `ensure_verdict` does."""

    def close(self) -> None:
        """End what has begun."""


@dataclass
class OwnRooms:
    """Warm rooms of this machine, opened when the first submission needs them and checked once."""

    course: Course
    most: int
    console: Console
    regrade: bool = False  # judge the stored answers again, execute nothing
    trust: bool = False
    stack: ExitStack = field(default_factory=ExitStack)
    rooms: Rooms | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> None:
        """Open them unless they are open."""
        self._opened()

    def turn(self) -> AbstractContextManager[None]:
        """There is a thread for each room."""
        return contextlib.nullcontext()

    def verdict(self, bench: Bench, student: str, *, alone: bool) -> Verdict:
        """From a room here."""
        if self.regrade:
            return judge_again(bench, student, self._opened())
        return ensure_verdict(bench, student, self._opened(), alone=alone)

    def close(self) -> None:
        """Close them with all that runs in them."""
        self.stack.close()

    def _opened(self) -> Rooms:
        with self.lock:
            if self.rooms is None:
                rooms = self.stack.enter_context(open_rooms(self.course))
                isolation = isolation_of(rooms)
                if not self.trust and not self.regrade:
                    demand_isolation(self.course, isolation)
                self.console.print(Text(f"isolation of the rooms: {isolation}"))
                self.rooms = rooms
            return self.rooms


def demand_isolation(course: Course, isolation: str, where: str = "this machine") -> None:
    """Stop unless the rooms are as closed as the course demands.

    Raises:
        IsolationError: they are not; the message says what is missing.
    """
    if not course.content_with(isolation):
        raise IsolationError(
            f"the course demands rooms of isolation «{course.isolation}», "
            f"{where} gives «{isolation}». `autograder doctor` says why. "
            "Grade elsewhere, lower `isolation` in course.toml, or, "
            "if you know who wrote the submissions, use --trust-submissions."
        )


def isolation_of(rooms: Rooms) -> str:
    """Found out in a room, which may be killed as any other."""
    for _ in range(RETRIES):
        with contextlib.suppress(RoomError):
            return rooms.isolation
    return rooms.isolation
