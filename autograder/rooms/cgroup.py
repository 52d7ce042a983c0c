"""Memory and process limits by control groups, version 1 or 2,
where the machine lets us make one.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.files import abandoned, signed
from autograder.rooms import processes
from autograder.rooms.limits import Limits

_NAME = "room"
_LEAVING_SECONDS = 3


@dataclass(frozen=True)
class Cgroup:
    """Folders of one room's control groups, by what they limit: "memory", "processes"."""

    folders: dict[str, Path]

    def joining(self) -> dict[str, str]:
        """The files that a process writes 0 to in order to join."""
        return {what: str(folder / "cgroup.procs") for what, folder in self.folders.items()}

    def killed_for_memory(self) -> bool:
        """Whether the kernel has killed a process in it for want of memory."""
        for name in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(KeyError, OSError):
                found = re.search(
                    r"^oom_kill (\d+)", (self.folders["memory"] / name).read_text(), re.MULTILINE
                )
                return found is not None and int(found[1]) > 0
        return False

    def remove(self) -> None:
        """End what is left in the groups, and remove them; may be called twice."""
        for folder in set(self.folders.values()):
            _remove(folder)


def make(limits: Limits) -> Cgroup:
    """Groups for one room; what can't be limited here is left out."""
    folders: dict[str, Path] = {}
    for what, controller, values in (
        ("memory", "memory", _memory(limits.memory_bytes)),
        # and the room's init, and one to spare
        ("processes", "pids", {"pids.max": limits.processes + 2}),
    ):
        with contextlib.suppress(OSError):
            above = parent(controller)
            folder = folders.get("memory", above / (signed(_NAME) + secrets.token_hex(6)))
            if folder.parent != above:
                folder = above / folder.name  # version 1: a tree for each controller
            folder.mkdir(exist_ok=True)
            folders[what] = folder
            if not _write(folder, values):
                del folders[what]
    return Cgroup(folders)


def left_over() -> list[Path]:
    """The groups of rooms whose supervisor is no more."""
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    places = [Path(place) for _, place, kind, *_ in mounts if kind in {"cgroup", "cgroup2"}]
    groups = [group for place in places for group in place.rglob(f"{_NAME}-*")]
    return [group for group in groups if abandoned(group.name)]


def sweep() -> None:
    """Remove the groups of killed processes."""
    for group in left_over():
        _remove(group)


def _remove(folder: Path) -> None:
    """Where a room's watcher was killed, its processes are on their way out, not gone yet."""
    deadline = time.monotonic() + _LEAVING_SECONDS
    while folder.is_dir() and time.monotonic() < deadline:
        for pid in _words(folder / "cgroup.procs"):
            with contextlib.suppress(OSError, ValueError):
                os.kill(int(pid), signal.SIGKILL)
        with contextlib.suppress(OSError):
            folder.rmdir()
            return
        time.sleep(0.02)


def _memory(most: int) -> dict[str, int]:
    return {
        "memory.max": most,
        "memory.swap.max": 0,
        "memory.oom.group": 1,
        "memory.limit_in_bytes": most,
        "memory.memsw.limit_in_bytes": most,
    }


def _write(folder: Path, values: dict[str, int]) -> bool:
    """Write those of the settings that this version has; whether one took."""
    taken = False
    for name, value in values.items():
        if (folder / name).exists():
            (folder / name).write_text(str(value), encoding="ascii")
            taken = True
    return taken


def parent(controller: str) -> Path:
    """The group that this process is in, prepared to have children with the controller;
    OSError where it can't.
    """
    ours = dict(
        line.split(":", 2)[1:] for line in Path("/proc/self/cgroup").read_text().splitlines()
    )
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    for _, place, kind, options, *_ in mounts:
        if kind == "cgroup" and controller in options.split(","):
            return _in_tree(Path(place), ours, controller)
    places = [place for _, place, kind, *_ in mounts if kind == "cgroup2"]
    if not places:
        raise FileNotFoundError(f"no control groups of {controller} are mounted")
    top = Path(places[0])
    return _delegated(top, top / ours.get("", "/").lstrip("/"), controller)


def _in_tree(top: Path, ours: dict[str, str], controller: str) -> Path:
    """Version 1: our group in the controller's own tree; its top where ours is not to be seen."""
    paths = [path for names, path in ours.items() if controller in names.split(",")]
    below = top / (paths[0] if paths else "").lstrip("/")
    return below if below.is_dir() else top


def _delegated(top: Path, own: Path, controller: str) -> Path:
    """Version 2: a group that may have children with the controller.
    One with processes in it may not, but the root.
    """
    for group in (own, own.parent if own.name == "supervisor" else own, top):
        if controller in _words(group / "cgroup.subtree_control") and os.access(group, os.W_OK):
            return group
    available = _words(own / "cgroup.controllers")
    if controller not in available:
        raise FileNotFoundError(own)
    inner = own / "supervisor"
    inner.mkdir(exist_ok=True)
    # in a container all that runs is of one kind, a shell for instance
    moved = _words(own / "cgroup.procs") if own == top else []
    _move_to(inner, moved)
    try:
        (own / "cgroup.subtree_control").write_text(
            " ".join(f"+{name}" for name in ("memory", "pids") if name in available),
            encoding="ascii",
        )
    except OSError:
        _move_to(own, moved)
        raise
    return own


def _move_to(group: Path, others: Iterable[str]) -> None:
    """This process, the warm ones that it has started, and others: one that stays behind is enough
    to have no children.
    """
    ours = [str(pid) for pid in processes.tree(os.getpid())]
    for pid in (*others, *reversed(ours)):
        with contextlib.suppress(ProcessLookupError):  # it has ended
            (group / "cgroup.procs").write_text(pid, encoding="ascii")


def _words(file: Path) -> list[str]:
    try:
        return file.read_text().split()
    except OSError:
        return []
