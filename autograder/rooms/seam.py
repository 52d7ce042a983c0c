"""The seam between those who need rooms and what rooms are made of: walls (warm.py), or none at all
(here.py, for tests and for debugging a grader).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from autograder.rooms.backend import Backend
from autograder.rooms.limits import Limits
from autograder.rooms.outputs import Outputs
from autograder.rooms.room import Called


class Kernel(Protocol):
    """A student room's kernel. `close` must be called in any case."""

    @property
    def cpu_seconds(self) -> float:
        """CPU time that was used, once it is closed."""

    async def open(self, seed: int) -> None:
        """Start it. Raises RoomError if it does not start."""

    async def execute(self, code: str, seconds: float, outputs: Outputs) -> dict[str, Any]:
        """Run a cell. Raises Died if the room ended, or had to be ended because of a limit."""

    async def request(self, content: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request to `inside`. Raises Died as `execute` does."""

    async def close(self) -> None:
        """End the room and everything in it."""


class Rooms(Protocol):
    """Opens rooms; may be used from several threads at once."""

    @property
    def isolation(self) -> str:
        """How closed they are: "strong", "reduced: …" or "none"."""

    @property
    def backend(self) -> Backend:
        """What Keras computes with in students' rooms."""

    @property
    def device(self) -> str:
        """The same with what it computes on: "TensorFlow, CPU"."""

    def seat(self) -> AbstractContextManager[Rooms]:
        """Rooms for one submission, which may have to wait until there is a part of a GPU."""

    def kernel(self, folder: Path, limits: Limits) -> Kernel:
        """A kernel, not opened yet, in a student room around `folder`."""

    def call(
        self,
        function: str,
        payload: Any,
        folder: Path,
        limits: Limits | None = None,
        *,
        seconds: float | None = None,
        readable: Sequence[Path] = (),
    ) -> Called:
        """Call our own "module:function" with a JSON payload in a judge room around `folder`."""
