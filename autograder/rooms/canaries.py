"""How closed a room really is, found out from inside one."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from autograder.errors import UsageError
from autograder.files import temporary_folder
from autograder.rooms import sandbox
from autograder.rooms.limits import MIB, Limits
from autograder.rooms.room import Called, Setup
from autograder.showing import shown

_FILES = ("read a secret file", "read the course", "read another room", "write outside")
_SOURCE = Path(__file__).with_name("probes.py")
_HOME_NAMES = (
    "HOME",
    "TMPDIR",
    "KERAS_HOME",
    "MPLCONFIGDIR",
    "IPYTHONDIR",
    "XDG_CACHE_HOME",
    "LC_CTYPE",
)

_IMPORTING = 240  # seconds that Keras may take, and CUDA after it

_found: dict[Setup, dict[str, str]] = {}
_lock = threading.Lock()


class StudentRooms(Protocol):
    """What code can be run in."""

    student: Setup

    def run_code(
        self,
        source: str,
        function: str,
        payload: Any,
        folder: Path,
        limits: Limits,
        *,
        seconds: float,
        bare: bool = False,
    ) -> Called:
        """Call a function of `source` in a student room."""


class Seated(Protocol):
    """What holds its part of the GPUs."""

    def run_code(
        self, source: str, function: str, payload: Any, folder: Path, limits: Limits, *,
        seconds: float,
    ) -> Called:  # fmt: skip
        """Call a function of `source` in a student room."""


def explore(rooms: StudentRooms) -> dict[str, str]:
    """Each layer of the walls and each attempt with what became of it,
    and "isolation": their sum in a few words.

    strong: nothing was reached. reduced: what was. none: files outside could be read or written.

    Raises:
        UsageError: libraries that every student needs can't be imported in a room.
    """
    with _lock:
        if rooms.student not in _found:
            with temporary_folder("canary", spacious=True) as top:
                facts = _explore(rooms, top)
            reached = [name for name, outcome in facts.items() if outcome.startswith("reached")]
            if any(name in reached for name in _FILES):
                facts["isolation"] = "none"
            else:
                facts["isolation"] = (
                    f"reduced: student code can {', '.join(reached)}" if reached else "strong"
                )
            _found[rooms.student] = facts
        return _found[rooms.student]


@dataclass(frozen=True)
class Computing:
    """On what a student room's models are computed."""

    seen: tuple[str, ...]  # GPUs, as TensorFlow or JAX call them
    trouble: str = ""  # "" where they compute


def look_at_gpus(rooms: Seated) -> Computing:
    """What Keras computes with in a room of this seat."""
    source = _SOURCE.read_text(encoding="utf-8")
    with temporary_folder("canary", spacious=True) as folder:
        called = rooms.run_code(source, "compute", None, folder, Limits(), seconds=_IMPORTING)
    if called.value is None:
        return Computing((), f"the room ended ({called.ended.reason}): {_last_line(called.log)}")
    seen = tuple(called.value["seen"])
    if not seen:
        return Computing((), _last_line(called.log))
    return Computing(seen, "" if called.value["right"] else "it computes wrong numbers")


def _last_line(log: str) -> str:
    lines = [line for line in log.splitlines() if line.strip()]
    return shown(lines[-1], 200) if lines else "no word of why"


def _explore(rooms: StudentRooms, top: Path) -> dict[str, str]:
    outside = {
        **_lay_out(top),
        "course": sandbox.names_of(rooms.student.hidden, rooms.student.readable),
        "shown": list(rooms.student.readable),
        "parent": os.getpid(),
        "names": [name for name, _ in rooms.student.env] + list(_HOME_NAMES),
        "needed": sorted({name.partition(".")[0] for name in rooms.student.modules}),
    }
    with _listening(top / "open" / "socket") as (addresses, udp):
        called = _try(rooms, top, "attempts", outside | addresses)
        facts = dict(called.layers) | (called.value or {"open a room": "reached: " + called.log})
        if lacking := facts.pop("lacking", ""):
            raise UsageError(
                f"rooms can't import {lacking}: it is installed where only some of Python's ways"
                " lead to; install all into one environment (python3 -m venv) and grade from there"
            )
        if facts.get("send by UDP") == "reached" and not _arrived(udp):
            facts["send by UDP"] = "denied: it does not arrive"
    return facts | _limits(rooms, top)


def _lay_out(top: Path) -> dict[str, str]:
    """A secret, a room of somebody else's, and a folder that is open to all: where they are."""
    top.chmod(0o711)  # rooms' own folders can be passed, too
    (top / "other").mkdir()
    (top / "open").mkdir()
    (top / "open").chmod(0o777)
    for secret in (top / "secret", top / "other" / "answer"):
        secret.write_text("42", encoding="ascii")
        secret.chmod(0o600)
    return {name: str(top / name) for name in ("secret", "other", "open")}


@contextlib.contextmanager
def _listening(place: Path) -> Iterator[tuple[dict[str, Any], socket.socket]]:
    """Sockets of all kinds that wait for somebody, one of them at `place`: where they are,
    and the one for UDP, where a sender isn't told whether anything arrives.
    """
    abstract = uuid.uuid4().hex
    with contextlib.ExitStack() as stack:
        tcp, udp, unix, local = (
            stack.enter_context(socket.socket(family, kind))
            for family, kind in (
                (socket.AF_INET, socket.SOCK_STREAM),
                (socket.AF_INET, socket.SOCK_DGRAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
                (socket.AF_UNIX, socket.SOCK_STREAM),
            )
        )
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        unix.bind("\0" + abstract)
        local.bind(str(place))
        for listener in (tcp, unix, local):
            listener.listen()
        udp.setblocking(False)
        yield (
            {
                "tcp": tcp.getsockname()[1],
                "udp": udp.getsockname()[1],
                "abstract": abstract,
                "socket": str(place),
            },
            udp,
        )


def _arrived(udp: socket.socket) -> bool:
    try:
        udp.recv(16)
    except BlockingIOError:
        return False
    return True


def _limits(rooms: StudentRooms, top: Path) -> dict[str, str]:
    few = Limits(processes=40)
    count = _try(rooms, top, "fork_many", 2 * few.processes, few)
    small = Limits(memory_bytes=96 * MIB)
    memory = _try(rooms, top, "fill_memory", 106 * MIB, small)
    _try(rooms, top, "stay_behind", "lock")
    with (top / "stay_behind" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            survived = "denied: it is gone"
        except BlockingIOError:
            survived = "reached"
    forked = count.value if count.ended.reason == "exited" else 0
    contained = forked is not None and forked < 2 * few.processes
    return {
        "fork without end": (
            "denied: " + count.layers.get("processes", "") if contained else "reached"
        ),
        "use more memory than allowed": (
            "denied: " + memory.layers.get("memory", "")
            if memory.ended.reason == "out_of_memory"
            else "reached"
        ),
        "leave a process behind": survived,
    }


def _try(
    rooms: StudentRooms, top: Path, function: str, payload: Any, limits: Limits | None = None
) -> Called:
    folder = top / function
    folder.mkdir()
    source = _SOURCE.read_text(encoding="utf-8")
    return rooms.run_code(
        source, function, payload, folder, limits or Limits(), seconds=20, bare=True
    )
