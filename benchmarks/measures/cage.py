"""A cage for hostile programs: a small read-only root, a user, processes and a network of its own,
a disk in memory of a limited size, and a deadline after which everything in it is ended.

The walls are those of the student room. Needs root, and a control group that limits memory.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder.rooms import cgroup, sandbox
from autograder.rooms.limits import MIB, Limits

READABLE = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", sys.prefix, sys.base_prefix)
DISK = "size=1500m,nr_inodes=200k,nosuid,nodev,mode=755"
MEMORY_BYTES, FILE_BYTES, PROCESSES, CPU_SECONDS = 3072 * MIB, 700 * MIB, 300, 80
_LEAVING_SECONDS = 20
_SET_FLAGS, _UP = 0x8914, 1  # of a network interface


@dataclass(frozen=True)
class Ended:
    """What became of one command; without a status it was out of time."""

    status: int | None
    seconds: float
    screen: str  # its last words


class Cage:
    """A cage from inside, held by its first process, which has no rights any more."""

    def __init__(
        self, walls: sandbox.Walls, layers: dict[str, str], joining: Sequence[int], until: float
    ) -> None:
        self._walls, self._layers = walls, layers
        self._joining = joining
        self._until = until

    def run(self, folder: Path, command: Sequence[str], env: Mapping[str, str]) -> Ended:
        """One command, ended when the time is over; what it started may live on."""
        begin, screen = time.monotonic(), os.memfd_create("screen")
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=screen,
            stderr=screen,
            start_new_session=True,
            preexec_fn=self._settle,  # noqa: PLW1509 — this process has one thread
        )
        while process.returncode is None and time.monotonic() < self._until:
            pid, status = os.waitpid(-1, os.WNOHANG)  # orphans too: they would be counted for ever
            if pid == process.pid:
                process.returncode = os.waitstatus_to_exitcode(status)
            if not pid:
                time.sleep(0.02)
        said = os.pread(screen, 8192, max(0, os.fstat(screen).st_size - 8192))
        os.close(screen)
        return Ended(process.returncode, time.monotonic() - begin, said.decode(errors="replace"))

    def survivors(self, grace: float = 2.0) -> list[str]:
        """What has outlived the commands by so many seconds; nothing of it lives afterwards."""
        until = time.monotonic() + grace
        while (left := self._others()) and time.monotonic() < until:
            time.sleep(0.1)
        found = Counter[str]()
        for pid in left:
            with contextlib.suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
                found[line.decode(errors="replace").strip()[:100] or "no command"] += 1
        while self._others():
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            time.sleep(0.02)
        return [f"{count} × {line}" for line, count in found.items()]

    def _settle(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for handle in self._joining:
            os.write(handle, b"0")
        sandbox.hide_memory(hidden=False)
        sandbox.limit(self._walls, self._layers)

    def _others(self) -> list[int]:
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        return [int(one.name) for one in Path("/proc").glob("[0-9]*") if one.name != "1"]


def caged(
    place: Path, seconds: float, furnish: Callable[[], None], inhabit: Callable[[Cage], Any]
) -> Any:
    """What `inhabit` says, as JSON carries it; None where the cage had to be ended from outside.

    `furnish` fills the folder `place`, which is the cage's disk, and still has all rights; both are
    called in processes of their own. Commands have so many seconds, `inhabit` a third more.

    Raises:
        RuntimeError: the cage can't be built as it should be.
    """
    group = cgroup.make(Limits(memory_bytes=MEMORY_BYTES, processes=PROCESSES))
    if group.folders.keys() != {"memory", "processes"}:
        group.remove()
        raise RuntimeError("there is no control group that limits memory and processes")
    reading, writing = os.pipe()
    if (porch := os.fork()) == 0:
        os.close(reading)
        _porch(place, seconds, furnish, inhabit, group, writing)
    os.close(writing)
    try:
        said = _until_end(reading, time.monotonic() + seconds * 4 / 3)
    finally:
        os.close(reading)
        os.kill(porch, signal.SIGKILL)  # and all that it has below
        os.waitpid(porch, 0)
        _remove(group)
    answer = json.loads(said) if said.endswith(b"\n") else {"answer": None}
    if "error" in answer:
        raise RuntimeError(f"a cage could not be built:\n{answer['error']}")
    return answer["answer"]


def _porch(
    place: Path,
    seconds: float,
    furnish: Callable[[], None],
    inhabit: Callable[[Cage], Any],
    group: cgroup.Cgroup,
    writing: int,
) -> NoReturn:
    """The process between outside and inside: makes the namespaces, and waits."""
    try:
        sandbox.die_with_parent()
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        root = place.with_name(f"{place.name}-root")
        for folder in (place, root):
            folder.mkdir(exist_ok=True)
        walls = sandbox.Walls(
            folder=str(place),
            runtime=str(place),
            root=str(root),
            readable=tuple(path for path in READABLE if os.path.lexists(path)),
            hidden=(),
            path=(),
            devices=(),
            processes=PROCESSES,
            file_bytes=FILE_BYTES,
            cpu_seconds=CPU_SECONDS,
        )
        joining = [os.open(path, os.O_WRONLY) for path in group.joining().values()]
        layers: dict[str, str] = {}
        user = sandbox.part_company(walls, layers)
        if user is None:
            raise RuntimeError(f"there is no user to spare: {layers}")
        if (first := os.fork()) == 0:
            _first(walls, layers, user, joining, seconds, furnish, inhabit, writing)
        os.waitpid(first, 0)
    except BaseException:
        _tell(writing, {"error": traceback.format_exc()})
    finally:
        os._exit(0)


def _first(
    walls: sandbox.Walls,
    layers: dict[str, str],
    user: int,
    joining: Sequence[int],
    seconds: float,
    furnish: Callable[[], None],
    inhabit: Callable[[Cage], Any],
    writing: int,
) -> NoReturn:
    """The first process inside: when it ends, all others do."""
    place = walls.folder
    try:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", DISK, "tmpfs", place], check=True)
        _loopback()
        furnish()
        subprocess.run(["chown", "-Rh", f"{user}:{user}", place], check=True)
        sandbox.enter(walls, user, layers)
        sandbox.hide_memory()  # those that it starts run as the same user
        if any(said.startswith("missing") for said in layers.values()):
            raise RuntimeError(f"a wall is missing: {layers}")
        cage = Cage(walls, layers, joining, time.monotonic() + seconds)
        _tell(writing, {"answer": inhabit(cage)})
    except BaseException:
        _tell(writing, {"error": traceback.format_exc()})
    finally:
        os._exit(0)


def _tell(writing: int, answer: Any) -> None:
    with os.fdopen(writing, "w", encoding="utf-8") as stream:
        stream.write(json.dumps(answer) + "\n")


def _until_end(reading: int, until: float) -> bytes:
    parts = []
    while select.select([reading], [], [], max(0.0, until - time.monotonic()))[0]:
        if not (part := os.read(reading, 65536)):
            break
        parts.append(part)
    return b"".join(parts)


def _remove(group: cgroup.Cgroup) -> None:
    """Wait until nothing is left in it."""
    until = time.monotonic() + _LEAVING_SECONDS
    while any(folder.exists() for folder in group.folders.values()):
        group.remove()
        if time.monotonic() > until:
            raise RuntimeError(f"something in {group.folders} does not end")
        time.sleep(0.05)


def _loopback() -> None:
    """Bring up the one interface of the new network, which kernels are spoken to through."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        fcntl.ioctl(one, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP))
