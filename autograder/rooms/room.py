"""The supervisor's end of rooms: the process that forks them, and the connection to each."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import select
import shutil
import signal
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, Protocol

from autograder.errors import RoomError
from autograder.rooms import cgroup, processes

Reason = Literal["exited", "killed", "out_of_memory", "too_many_processes", "folder_full", "lost"]


@dataclass(frozen=True)
class Ended:
    """How a room came to its end."""

    status: int  # exit status of its main process; negative: minus the signal that ended it
    # killed: by the supervisor, at a deadline or at closing time;
    # lost: its watcher is gone, our fault
    reason: Reason
    cpu_seconds: float = 0.0

    @property
    def from_outside(self) -> bool:
        """Whether somebody else may have killed it: its watcher or its init, or the main process,
        which code in the room can do as well.
        """
        signals = (-signal.SIGKILL, -signal.SIGTERM)
        return self.reason == "lost" or (self.reason == "exited" and self.status in signals)


@dataclass(frozen=True)
class Called:
    """What came of a function that was called in a room."""

    value: Any  # None if it did not return
    ended: Ended
    log: str  # the end of what it wrote to standard output and error
    layers: dict[str, str]  # what each layer of the room's walls was made of


@dataclass(frozen=True)
class Setup:
    """What a zygote imports before it forks, and what its rooms may see."""

    readable: tuple[str, ...]
    modules: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    path: tuple[str, ...] = ()  # put in front of sys.path
    forget: tuple[str, ...] = ()  # packages that must not be importable
    env: tuple[tuple[str, str], ...] = ()


class Keeper(Protocol):
    """What goes when the room goes."""

    def close(self) -> None:
        """Be gone."""


class Unsafe(RoomError):
    """The zygote can't fork safely any more; a cold room can take its place."""


class Room:
    """One room, from its request to its end; may be used from several threads."""

    def __init__(
        self,
        connection: socket.socket,
        place: Path,
        group: cgroup.Cgroup,
        log: IO[bytes],
        keeper: Keeper | None,
    ) -> None:
        self.layers: dict[str, str] = {}
        self.init = 0  # process id of the room's init
        self.ended: Ended | None = None
        self._connection = connection
        self._place = place
        self._group = group
        self._keeper = keeper  # a process that serves this room only
        self._log = log
        self._tail = ""
        self._unread = b""
        self._lock = threading.Lock()

    def wait_open(self, seconds: float) -> None:
        """Return when the room is open; raises RoomError if it can't be opened."""
        self._pump(seconds, lambda: bool(self.init))
        if not self.init:
            raise RoomError(
                f"A room could not be opened within {seconds:.0f} s.\n{self.log()}".rstrip()
            )

    def wait(self, seconds: float) -> Ended | None:
        """Wait for the end of the room, at most so long; None if it is still open then."""
        self._pump(seconds, lambda: False)
        return self.ended

    def interrupt(self) -> None:
        """SIGINT to the main process, which may ignore it."""
        self._order(b"i")

    def terminate(self) -> None:
        """SIGTERM to the main process, which may ignore it."""
        self._order(b"t")

    def kill(self) -> Ended:
        """End everything in the room, and return when nothing is left of it."""
        self._order(b"k")
        return self.wait(20) or self._gone()

    def close(self) -> None:
        """End the room if it is open and put away what belonged to it; may be called twice."""
        if self._connection.fileno() >= 0:
            self.kill()
        self.abandon()
        shutil.rmtree(self._place, ignore_errors=True)

    def abandon(self) -> None:
        """Let go of a room without waiting for its end, for one that was never opened;
        its place can serve another.
        """
        self._tail = self.log()
        self._connection.close()
        self._log.close()
        if self._keeper:
            self._keeper.close()
        self._group.remove()

    def cpu_seconds(self) -> float:
        """CPU time used so far."""
        return (
            self.ended.cpu_seconds
            if self.ended
            else processes.cpu_seconds(processes.tree(self.init))
        )

    def log(self) -> str:
        """The end of what the room's processes wrote to standard error, past Jupyter."""
        with self._lock:
            if self._log.closed:
                return self._tail
            self._log.seek(0, 2)
            self._log.seek(max(0, self._log.tell() - 4096))
            return self._log.read().decode(errors="replace").strip()

    def _order(self, order: bytes) -> None:
        with contextlib.suppress(OSError):
            self._connection.sendall(order)

    def _pump(self, seconds: float, enough: Any) -> None:
        """Read reports until there is enough, the room has ended, or the time is over."""
        deadline = time.monotonic() + seconds
        with self._lock:
            while self.ended is None and not enough():
                left = max(0.0, deadline - time.monotonic())
                if self._connection.fileno() < 0:
                    self._gone()
                elif select.select([self._connection], [], [], left)[0]:
                    self._read()
                elif not left:
                    return

    def _read(self) -> None:
        try:
            part = self._connection.recv(65536)
        except OSError:
            part = b""
        if not part:
            self._gone()
            return
        *lines, self._unread = (self._unread + part).split(b"\n")
        for line in lines:
            report = json.loads(line)
            if "refused" in report:
                raise Unsafe(f"The warm process can't open a room: {report['refused']}.")
            if "opened" in report:
                self.init, self.layers = report["opened"]["init"], report["opened"]["layers"]
            if "ended" in report:
                self.ended = Ended(**report["ended"])
                if (
                    self.ended.status == -9
                    and self.ended.reason in {"exited", "lost"}
                    and self._group.killed_for_memory()
                ):
                    self.ended = dataclasses.replace(self.ended, reason="out_of_memory")

    def _gone(self) -> Ended:
        if self.ended is None:
            self.ended = Ended(-9, "lost")
        return self.ended
