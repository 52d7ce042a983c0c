"""Warm rooms: processes that have imported Keras already, forked once for each room."""

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
from autograder.rooms.backend import NAMES, ON_CPU, Backend, judges_backend, students_backend
from autograder.rooms.cards import Allotment, Part, driver_folders, held
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
)
_JUDGE_MODULES = ("numpy", "h5py", "pytest")
_OPENING_SECONDS = 180  # importing TensorFlow without compiled bytecode on a busy machine
THREADS = (
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)
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
        backend: Backend | None = None,
        cards: Allotment | None = None,
    ) -> None:
        self._base = base
        self._warm = warm
        self._lock = threading.Lock()
        self._cards = cards
        self.backend: Backend = backend or students_backend()
        package = Path(autograder.__path__[0])
        python = Setup(readable=_runtime_files())
        elsewhere = _elsewhere()
        self.student = replace(
            python,
            modules=(*_STUDENT_MODULES, *_keras_on(self.backend)),
            path=elsewhere,
            readable=(*python.readable, *_of_cards(python.readable)) if cards else python.readable,
            env=_environment(threads, self.backend),
            hidden=tuple(
                str(path.resolve()) for path in (*hidden, package, *_distributions(package))
            ),
            forget=("autograder",),
        )
        judging = judges_backend()
        self.judge = replace(
            python,
            modules=(*_JUDGE_MODULES, *_keras_on(judging), "autograder.judge.inside"),
            readable=(*python.readable, str(package)),
            env=_environment(threads, judging),
            path=(str(package.parent), *elsewhere),
        )
        both = [name for name in self.judge.modules if name in self.student.modules]
        if judging != self.backend:  # what Keras computes with is settled by its import
            both.remove("keras")
        self._stem = Stem(base, self.judge.env, tuple(both), elsewhere)
        self._zygotes: dict[Setup, Zygote] = {}
        self._open_rooms: weakref.WeakSet[Room] = weakref.WeakSet()
        self._closed = threading.Event()

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

    @property
    def device(self) -> str:
        """What students' models are computed with."""
        return f"{NAMES[self.backend]}{ON_CPU}"

    @contextmanager
    def seat(self) -> Iterator[WarmRooms | _Seated]:
        """Rooms for one submission: they hold their part of the GPUs, which may take a while to be
        free.
        """
        if self._cards is None:
            yield self
            return
        with held(self._cards, self._closed.is_set) as part:
            yield _Seated(self, part)

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
        part: Part | None = None,
    ) -> Called:
        """Call a function of `source` in a student room;
        in a `bare` one nothing is imported beforehand.
        """
        request = {"target": "code", "source": source, "function": function, "payload": payload}
        request |= _asked_for(part)
        setup = replace(self.student, modules=()) if bare else self.student
        return self._called(setup, request, folder, limits, seconds)

    def open_kernel(
        self,
        argv: list[str],
        folder: Path,
        limits: Limits,
        place: Path,
        part: Part | None = None,
    ) -> Room:
        """A student room in which a kernel has been started; with `part` it sees GPUs."""
        request = {"target": "kernel", "argv": argv, **_asked_for(part)}
        return self._open(self.student, request, folder, limits, place)

    def new_place(self) -> Path:
        """A private folder outside for one room: its sockets, and where its root is mounted.

        Raises:
            RoomError: no room is opened any more.
        """
        if self._closed.is_set():
            raise RoomError("the rooms are closed")
        place = Path(tempfile.mkdtemp(prefix="k", dir=self._base))
        place.chmod(0o711)
        (place / "run").mkdir(mode=0o700)
        return place

    def close(self) -> None:
        """End all rooms, and the warm processes; no other is opened any more."""
        self._closed.set()
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
            if self._closed.is_set():
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


class _Seated:
    """Rooms of which students' see GPUs."""

    def __init__(self, rooms: WarmRooms, part: Part) -> None:
        self._rooms = rooms
        self._part = part
        self.new_place = rooms.new_place
        self.call = rooms.call
        self.backend = rooms.backend

    @property
    def isolation(self) -> str:
        """How closed rooms are here."""
        return self._rooms.isolation

    @property
    def device(self) -> str:
        """What students' models are computed with."""
        return f"{NAMES[self.backend]}, {self._part}"

    @contextmanager
    def seat(self) -> Iterator[_Seated]:
        """These: a submission has one part."""
        yield self

    def kernel(self, folder: Path, limits: Limits) -> RoomKernel:
        """A kernel, not opened yet, in a student room around `folder`."""
        return RoomKernel(room_manager(self, folder, limits), limits)

    def open_kernel(self, argv: list[str], folder: Path, limits: Limits, place: Path) -> Room:
        """A student room in which a kernel has been started."""
        return self._rooms.open_kernel(argv, folder, limits, place, self._part)

    def run_code(
        self, source: str, function: str, payload: Any, folder: Path, limits: Limits, *,
        seconds: float,
    ) -> Called:  # fmt: skip
        """Call a function of `source` in a student room."""
        return self._rooms.run_code(
            source, function, payload, folder, limits, seconds=seconds, part=self._part
        )


@contextmanager
def warm_rooms(
    *,
    warm: bool = True,
    threads: int = 1,
    hidden: Sequence[Path] = (),
    backend: Backend | None = None,
    cards: Allotment | None = None,
) -> Iterator[WarmRooms]:
    """Rooms for as long as the context lasts; everything in them dies with it.

    `threads`: of computation in each room (it changes the numbers that training gives); `hidden`:
    what must not be seen even if it lies within what must be readable, such as the course's folder;
    `backend`: what Keras computes with in students' rooms; `cards`: the GPUs of which each of those
    has its part while it is in a `seat`.
    """
    sweep(Path(_short_folder()), Path(tempfile.gettempdir()), names=_TEMPORARY)
    cgroup.sweep()
    with temporary_folder("rooms", _short_folder()) as base:
        base.chmod(0o711)  # the sockets in it lie deeper, in folders of their own
        rooms = WarmRooms(
            base, warm=warm, threads=threads, hidden=hidden, backend=backend, cards=cards
        )
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
        _active.append(WarmRooms(Path(base.name), warm=False, threads=1, hidden=()))
    return _active[-1]


def _short_folder() -> str:
    """Where paths of sockets stay below their limit of 107 bytes."""
    usual = tempfile.gettempdir()
    return usual if len(usual) < 60 else "/tmp"  # noqa: S108 — the folder made in it is private


def _keras_on(backend: Backend) -> tuple[str, str]:
    return (backend, "keras")


def _environment(threads: int, backend: Backend) -> tuple[tuple[str, str], ...]:
    """All that rooms know of the outside's environment; GPUs are seen only with a part of them."""
    count = str(threads)
    ours = {
        "PATH": f"{sys.prefix}/bin:/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "USER": "room",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONDONTWRITEBYTECODE": "1",
        "KERAS_BACKEND": backend,
        "CUDA_VISIBLE_DEVICES": "",
        "JAX_PLATFORMS": "cpu",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **dict.fromkeys(THREADS, count),
        **({"PYTHONPATH": os.pathsep.join(_elsewhere())} if _elsewhere() else {}),
        **(_of_jax(count) if backend == "jax" else {}),
    }
    kept = ["TF_ENABLE_ONEDNN_OPTS", "LD_LIBRARY_PATH", "TZ"]
    return tuple(
        sorted({**ours, **{name: os.environ[name] for name in kept if name in os.environ}}.items())
    )


def _of_jax(threads: str) -> dict[str, str]:
    return {
        "NPROC": threads,  # how many XLA's pools have
        # random numbers by an algorithm that is compiled ten times as fast: once for each shape
        "JAX_THREEFRY_PARTITIONABLE": "0",
    }


def _asked_for(part: Part | None) -> dict[str, Any]:
    """What a room is given besides, for its part of the GPUs."""
    if part is None:
        return {}
    env = {**part.env, "JAX_PLATFORMS": ""}  # JAX takes the best that there is
    return {"env": env, "devices": part.devices, "gpu_memory": part.memory}


def _of_cards(shown: Sequence[str]) -> tuple[str, ...]:
    """What rooms with GPUs read besides: the driver looks the cards up in /sys."""
    places = ("/sys", *driver_folders())
    return tuple(
        place for place in places if not any(Path(place).is_relative_to(one) for one in shown)
    )


def _runtime_files() -> tuple[str, ...]:
    """What Python and its libraries consist of, and nothing else."""
    python = {
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        *site.getsitepackages(),
        *_elsewhere(),
        *sysconfig.get_paths().values(),
    }
    python |= {
        str(Path(sys.executable).resolve().parent),
        *os.environ.get("LD_LIBRARY_PATH", "").split(":"),
    }
    system = {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store"}
    loader = {"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives"}
    settings = {"/etc/localtime", "/etc/fonts", "/etc/mime.types", "/etc/ssl/certs"}
    machine = {"/sys/devices/system/cpu", "/sys/devices/system/node"}
    named = {Path(name) for name in python | system | loader | settings | machine}
    there = {path for path in named if path.is_absolute() and path.exists()}
    there |= {path.resolve() for path in there}
    return tuple(
        sorted(
            str(path) for path in there if path.is_symlink() or not there.intersection(path.parents)
        )
    )


def _elsewhere() -> tuple[str, ...]:
    """Folders of libraries that Python does not know of by itself: those that a user installed with
    `pip install --user`, and what PYTHONPATH names on clusters.
    """
    own = {Path(place).resolve() for place in site.getsitepackages()}
    return tuple(
        place
        for place in dict.fromkeys(sys.path)
        if next(Path(place).glob("*.dist-info"), None) and Path(place).resolve() not in own
    )


def _distributions(package: Path) -> list[Path]:
    """What tells of us beside a package that is installed and not linked to."""
    return sorted(package.parent.glob("vision_autograder-*.dist-info"))
