"""Warm rooms: processes that have imported TensorFlow already, forked once for each room."""

from __future__ import annotations

import atexit
import functools
import json
import os
import site
import sys
import sysconfig
import tempfile
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import autograder
from autograder.errors import RoomError
from autograder.files import signed, sweep, temporary_folder
from autograder.rooms import canaries, cgroup
from autograder.rooms.kernel import RoomKernel
from autograder.rooms.limits import MIB, Limits
from autograder.rooms.provisioner import RoomManager, room_manager
from autograder.rooms.room import Called, Room, Setup
from autograder.rooms.zygotes import Stem, Zygote

_STUDENT_MODULES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "matplotlib_inline.backend_inline",
    "matplotlib.pyplot",
    "matplotlib.font_manager",
    "numpy",
    "h5py",
    "PIL.Image",
    "keras",
    "tensorflow",
)
_JUDGE_MODULES = ("numpy", "h5py", "pytest", "keras", "tensorflow", "autograder.judge.inside")
_OPENING_SECONDS = 180  # importing TensorFlow without compiled bytecode on a busy machine
_TEMPORARY = ("rooms-", "room-", "judge-", "drawn-", "canary-", "release-", "labkit-", "course-")
_RESULT_BYTES = 64 * MIB


class WarmRooms:
    """Opens rooms; may be used from several threads at once. Made by `warm_rooms`."""

    def __init__(
        self,
        base: Path,
        *,
        warm: bool,
        threads: int,
        hidden: Sequence[Path],
        gpu: bool,
    ) -> None:
        self._base = base
        self._warm = warm
        self._lock = threading.Lock()
        package = Path(autograder.__path__[0])
        python = Setup(
            readable=_runtime_files(gpu=gpu),
            env=_environment(threads, gpu=gpu),
            devices=tuple(str(path) for path in Path("/dev").glob("nvidia*")) if gpu else (),
        )
        self.student = replace(
            python,
            modules=_STUDENT_MODULES,
            hidden=tuple(
                str(path.resolve()) for path in (*hidden, package, *_distributions(package))
            ),
            forget=("autograder",),
        )
        self.judge = replace(
            python,
            modules=_JUDGE_MODULES,
            readable=(*python.readable, str(package)),
            path=(str(package.parent),),
        )
        self._stem = Stem(base, python.env)
        self._zygotes: dict[Setup, Zygote] = {}
        self._open_rooms: weakref.WeakSet[Room] = weakref.WeakSet()
        self._closed = False

    @functools.cached_property
    def layers(self) -> dict[str, str]:
        """What each layer of a room's walls is made of here, and what each canary found."""
        return canaries.explore(self)

    @property
    def isolation(self) -> str:
        """How closed rooms are here, as canaries in one found it:
        "strong", "reduced: …" or "none".
        """
        return self.layers["isolation"]

    def start(self) -> None:
        """Begin to import what rooms will need, while there is something else to do."""
        if self._warm:
            for setup in (self.student, self.judge):
                self._zygote(setup).start()

    def kernel(self, folder: Path, limits: Limits) -> RoomKernel:
        """A kernel, not opened yet, in a student room around `folder`."""
        return RoomKernel(self.kernel_manager(folder, limits), limits)

    def kernel_manager(self, folder: Path, limits: Limits | None = None) -> RoomManager:
        """A manager, not started yet, of a kernel that will run in a room around `folder`."""
        return room_manager(self, folder, limits or Limits())

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
        """Call our own "module:function" with a JSON payload in a judge room around `folder`;
        its value is JSON too.

        The room is ended after `seconds` (of wall time, from when it is open; else the limit of a
        submission).
        """
        limits = limits or Limits()
        request = {"target": "call", "function": function, "payload": payload}
        return self._called(
            self.judge, request, folder, limits, seconds or limits.submission_seconds, readable
        )

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
        """Call a function of `source` in a student room;
        in a `bare` one nothing is imported beforehand.
        """
        request = {"target": "code", "source": source, "function": function, "payload": payload}
        setup = replace(self.student, modules=()) if bare else self.student
        return self._called(setup, request, folder, limits, seconds)

    def open_kernel(self, argv: list[str], folder: Path, limits: Limits, place: Path) -> Room:
        """A student room in which a kernel has been started."""
        return self._open(self.student, {"target": "kernel", "argv": argv}, folder, limits, place)

    def new_place(self) -> Path:
        """A private folder outside for one room: its sockets, and where its root is mounted."""
        place = Path(tempfile.mkdtemp(prefix="k", dir=self._base))
        place.chmod(0o711)
        (place / "run").mkdir(mode=0o700)
        return place

    def close(self) -> None:
        """End all rooms, and the warm processes; no other is opened any more."""
        self._closed = True
        for room in list(self._open_rooms):
            room.close()
        with self._lock:
            for zygote in self._zygotes.values():
                zygote.close()
            self._zygotes.clear()
            self._stem.close()

    def _called(
        self, setup: Setup, request: dict[str, Any], folder: Path, limits: Limits, seconds: float,
        readable: Sequence[Path] = (),
    ) -> Called:  # fmt: skip
        with tempfile.TemporaryFile() as result:
            extra = {"readable": [str(path.resolve()) for path in readable]}
            room = self._open(
                setup, request | extra, folder, limits, self.new_place(), results=[result.fileno()]
            )
            try:
                ended = room.wait(seconds) or room.kill()
            finally:
                room.close()
            result.seek(0)
            text = result.read(_RESULT_BYTES + 1)
            returned = (
                ended.status == 0 and ended.reason == "exited" and 0 < len(text) <= _RESULT_BYTES
            )
            return Called(json.loads(text) if returned else None, ended, room.log(), room.layers)

    def _open(
        self, setup: Setup, request: dict[str, Any], folder: Path, limits: Limits, place: Path,
        results: Sequence[int] = (),
    ) -> Room:  # fmt: skip
        """A room that is open; a cold one where the warm process can't give one."""
        cold = Zygote(setup, self._base)
        for zygote in (self._zygote(setup), cold) if self._warm and setup.modules else (cold,):
            if self._closed:
                raise RoomError("the rooms are closed")
            room = zygote.open(request, folder.resolve(), limits, place, results)
            try:
                room.wait_open(_OPENING_SECONDS)
            except RoomError:
                room.abandon()
                if zygote is cold:
                    raise
            else:
                self._open_rooms.add(room)
                return room
        raise AssertionError

    def _zygote(self, setup: Setup) -> Zygote:
        with self._lock:
            return self._zygotes.setdefault(setup, Zygote(setup, self._base, self._stem))


@contextmanager
def warm_rooms(
    *,
    warm: bool = True,
    threads: int = 1,
    hidden: Sequence[Path] = (),
    gpu: bool = False,
) -> Iterator[WarmRooms]:
    """Rooms for as long as the context lasts; everything in them dies with it.

    `threads`: of computation in each room (it changes the numbers that training gives); `hidden`:
    what must not be seen even if it lies within what must be readable, such as the course's folder;
    `gpu`: rooms see the GPUs.
    """
    sweep(Path(_short_folder()), Path(tempfile.gettempdir()), names=_TEMPORARY)
    cgroup.sweep()
    with temporary_folder("rooms", _short_folder()) as base:
        base.chmod(0o711)  # the sockets in it lie deeper, in folders of their own
        rooms = WarmRooms(base, warm=warm, threads=threads, hidden=hidden, gpu=gpu)
        _active.append(rooms)
        try:
            yield rooms
        finally:
            _active.remove(rooms)
            rooms.close()


_active: list[WarmRooms] = []


def default_rooms() -> WarmRooms:
    """The rooms that are open in this process,
    for kernels that Jupyter itself asks for; else cold ones.
    """
    if not _active:
        base = tempfile.TemporaryDirectory(
            prefix=signed("rooms"), dir=_short_folder(), ignore_cleanup_errors=True
        )
        atexit.register(base.cleanup)
        _active.append(WarmRooms(Path(base.name), warm=False, threads=1, hidden=(), gpu=False))
    return _active[-1]


def _short_folder() -> str:
    """Where paths of sockets stay below their limit of 107 bytes."""
    usual = tempfile.gettempdir()
    return usual if len(usual) < 60 else "/tmp"  # noqa: S108 — the folder made in it is private


def _environment(threads: int, *, gpu: bool) -> tuple[tuple[str, str], ...]:
    """All that rooms know of the outside's environment."""
    count = str(threads)
    ours = {
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "room",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **dict.fromkeys(
            ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"), count
        ),
        **dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), count),
    }
    kept = ["KERAS_BACKEND", "TF_ENABLE_ONEDNN_OPTS", "LD_LIBRARY_PATH", "TZ"]
    if gpu:
        ours["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
        kept.append("CUDA_VISIBLE_DEVICES")
    else:
        ours["CUDA_VISIBLE_DEVICES"] = ""
    return tuple(
        sorted({**ours, **{name: os.environ[name] for name in kept if name in os.environ}}.items())
    )


def _runtime_files(*, gpu: bool) -> tuple[str, ...]:
    """What Python and its libraries consist of, and nothing else."""
    python = {
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        *site.getsitepackages(),
        *sysconfig.get_paths().values(),
    }
    python |= {
        str(Path(sys.executable).resolve().parent),
        *os.environ.get("LD_LIBRARY_PATH", "").split(":"),
    }
    system = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"}
    loader = {"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"}
    settings = {"/etc/localtime", "/etc/fonts", "/etc/mime.types", "/etc/ssl/certs"}
    machine = {"/sys"} if gpu else {"/sys/devices/system/cpu", "/sys/devices/system/node"}
    named = {Path(name) for name in python | system | loader | settings | machine}
    there = {path for path in named if path.is_absolute() and path.exists()}
    there |= {path.resolve() for path in there}
    return tuple(
        sorted(
            str(path) for path in there if path.is_symlink() or not there.intersection(path.parents)
        )
    )


def _distributions(package: Path) -> list[Path]:
    """What tells of us beside a package that is installed and not linked to."""
    return sorted(package.parent.glob("vision_autograder-*.dist-info"))
