"""The supervisor's end of the processes that fork rooms.

    stem ──fork──► zygote of student rooms
         └─fork──► zygote of judge rooms

The stem imports once what both kinds of rooms need, and forks a zygote for each kind, which imports
the rest side by side with the other. A cold zygote serves a single room and has no stem.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import select
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.rooms import cgroup
from autograder.rooms.limits import Limits
from autograder.rooms.room import Room, Setup

_LEAVING_SECONDS = 20


class Stem:
    """A process that forks zygotes, started with the first one; `shared` is what all of them
    import, by way of `path`, too.
    """

    def __init__(
        self,
        base: Path,
        env: tuple[tuple[str, str], ...],
        shared: tuple[str, ...],
        path: tuple[str, ...],
    ) -> None:
        self._base = base
        self._env = env
        self._shared = shared
        self._path = path
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def fork(self, setup: Setup) -> socket.socket:
        """The control of a new zygote; what is asked of it is done once it has imported."""
        ours, theirs = _pair()
        with self._lock, theirs:
            asked = json.dumps(_imports(setup)).encode()
            try:
                socket.send_fds(self._started(), [asked], [theirs.fileno()])
            except OSError:  # it was killed just now
                self._process = None
                socket.send_fds(self._started(), [asked], [theirs.fileno()])
        return ours

    def close(self) -> None:
        """End the process; the controls of its zygotes are closed already."""
        with self._lock:
            _leave(self._process, self._control)
            self._process = None

    def _started(self) -> socket.socket:
        if self._process and self._control and self._process.poll() is None:
            return self._control
        self._process, self._control = _process(self._base, self._env, "stem")
        first = {"modules": self._shared, "path": self._path, "forget": (), "env": ()}
        self._control.sendall(json.dumps(first).encode())
        return self._control


class Zygote:
    """A process that forks rooms, started when it is asked for; a cold one has no stem."""

    def __init__(self, setup: Setup, base: Path, stem: Stem | None = None) -> None:
        self._setup = setup
        self._base = base
        self._stem = stem
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def start(self) -> None:
        """Have it import; rooms can be asked for meanwhile."""
        with self._lock:
            self._started()

    def open(
        self,
        request: dict[str, Any],
        folder: Path,
        limits: Limits,
        place: Path,
        results: Sequence[int],
    ) -> Room:
        """Ask for one room around `folder`; `place` is its own folder outside,
        `results` file numbers to hand over.
        """
        group = cgroup.make(limits)
        log = tempfile.TemporaryFile()  # noqa: SIM115 — the room closes it
        ours, theirs = socket.socketpair()
        for name in ("run", "root"):
            (place / name).mkdir(mode=0o700, exist_ok=True)
        request = request | {
            "warm": "warm" if self._stem else "cold",
            "env": {**dict(self._setup.env), **request.get("env", {})},
            "cgroups": group.joining(),
            "limits": dataclasses.asdict(limits),
            "walls": self._walls(folder, limits, place, request),
        }
        room = Room(ours, place, group, log, None if self._stem else self)
        # what went wrong is known when the room does not open
        with self._lock, theirs, contextlib.suppress(OSError):
            socket.send_fds(self._started(), [b"room"], [theirs.fileno(), log.fileno(), *results])
            theirs.close()
            ours.sendall(json.dumps(request).encode() + b"\n")
        return room

    def _walls(
        self, folder: Path, limits: Limits, place: Path, request: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What a room may see and use; it alone sees what the request says besides."""
        return {
            "folder": str(folder),
            "runtime": str(place / "run"),
            "root": str(place / "root"),
            "readable": [*self._setup.readable, *request.get("readable", ())],
            "hidden": self._setup.hidden,
            "path": self._setup.path,
            "devices": request.get("devices", ()),
            "processes": limits.processes,
            "file_bytes": limits.file_bytes,
            # a last resort: deadlines are the supervisor's
            "cpu_seconds": int(limits.submission_seconds * 4) + 60,
        }

    def close(self) -> None:
        """End the process, and with it every room that it has opened."""
        with self._lock:
            _leave(self._process, self._control)
            self._process = self._control = None

    def _started(self) -> socket.socket:
        if self._control and _open(self._control):
            return self._control
        if self._stem:
            self._control = self._stem.fork(self._setup)
        else:
            self._process, self._control = _process(self._base, self._setup.env, "cold")
            self._control.sendall(json.dumps(_imports(self._setup)).encode())
        return self._control


def _imports(setup: Setup) -> dict[str, Any]:
    return {name: getattr(setup, name) for name in ("modules", "path", "forget", "env")}


def _pair() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _open(control: socket.socket) -> bool:
    """Whether somebody is at the other end: a zygote writes nothing, so silence is well."""
    return not select.select([control], [], [], 0)[0]


def _process(
    base: Path, env: tuple[tuple[str, str], ...], kind: str
) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """A process that runs zygote.py, and its control."""
    home = base / "home"
    home.mkdir(exist_ok=True)
    ours, theirs = _pair()
    places = dict.fromkeys(("HOME", "MPLCONFIGDIR", "KERAS_HOME"), str(home))
    program = Path(__file__).with_name("zygote.py")
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-I", "-W", "ignore", str(program), str(theirs.fileno()), kind],
            pass_fds=[theirs.fileno()],
            env={**dict(env), **places},
            cwd="/",
            stdin=subprocess.PIPE,  # never written to: it hangs up with this process
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    return process, ours


def _leave(process: subprocess.Popen[bytes] | None, control: socket.socket | None) -> None:
    """Let a process end when its rooms are closed; at once if it imports still."""
    if control:
        control.close()
    if process:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_LEAVING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
