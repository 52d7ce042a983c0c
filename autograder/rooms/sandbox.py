"""Walls that a freshly forked process builds around itself:
namespaces, a small read-only root, a powerless user.

Depends on the standard library only: it is loaded by path, beside student code. Order of use, in
two processes: `part_company` in the porch (which stays outside and watches), `enter` in the room's
init, `limit` in its main process.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import stat
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_NAMESPACES = {
    "pid": 0x20000000,
    "net": 0x40000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
}
_NEWUSER, _NEWNS, _NEWCGROUP = 0x10000000, 0x00020000, 0x02000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT = 1, 2, 4, 8, 32
_BIND, _MOVE, _REC, _SLAVE = 4096, 8192, 16384, 1 << 19
_DETACH = 2
_PIVOT_ROOT, _MOUNT_SETATTR = {"aarch64": 41}.get(platform.machine(), 155), 442
_PDEATHSIG, _DUMPABLE, _CAPBSET_DROP, _SUBREAPER, _NO_NEW_PRIVS, _AMBIENT = 1, 4, 24, 36, 38, 47
_KEEPCAPS, _CAPABILITIES_3 = 8, (0x20080522).to_bytes(4, "little") + bytes(4)
_ROOM_UID = 1000  # what the room's user is called where the number is ours to choose
_SPARE = 1_900_000_000  # above what distributions, containers and directory services hand out
_PINNED_BYTES = 8 << 20  # of memory, for the driver of a GPU
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
SCRATCH = ("/tmp", "/dev/shm")  # noqa: S108 — a room's own, in memory, of a limited size
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Walls:
    """What one room sees and may use."""

    folder: str  # the working directory, writable
    runtime: str  # the sockets of its kernel, writable
    root: str  # an empty folder outside that the room's root is mounted on
    readable: tuple[str, ...]
    hidden: tuple[str, ...]  # within what is readable, and yet not to be seen
    path: tuple[str, ...]  # what will be in front of sys.path
    devices: tuple[str, ...]
    processes: int
    file_bytes: int
    cpu_seconds: int


def part_company(walls: Walls, layers: dict[str, str]) -> int | None:
    """Leave the other processes' namespaces; returns the user id
    that the room is to run as, None for its own.

    Children of this process, not itself, live in the new process namespace.
    """
    # then no user namespace is needed to build walls
    privileged = os.geteuid() == 0 and _unshare(_NEWNS)
    if not privileged:
        layers["user"] = _own_user_namespace()
    together = _unshare(sum(_NAMESPACES.values()))
    for name, flag in _NAMESPACES.items():
        layers[name] = "namespace" if together else _own(flag)
    if os.geteuid() == 0 and layers.get("user") != "namespace":
        layers["user"] = "missing: runs as root without its privileges"
        moves = privileged and _may_mount(walls)
        if _readable_by_others(walls, including_parents=not moves):
            return _spare_user()
    return None


def enter(walls: Walls, user: int | None, layers: dict[str, str], *, trusted: bool = False) -> None:
    """Move into the small root, become `user`, and give every privilege up.

    What a `trusted` room is shown it may read, whoever it belongs to, where root opens it: a course
    that is mounted into a container is often closed to all but its owner.
    """
    layers["cgroup"] = _own(_NEWCGROUP)  # no way leads from its root into another group
    try:
        _check(_libc.unshare(_NEWNS))
        _move_into(walls, user)
        layers["files"] = "namespace"
    except OSError as error:
        layers["files"] = f"missing: {error.strerror} {error.filename or ''}".rstrip()
    if layers["uts"] == "namespace":
        _libc.sethostname(b"room", 4)
    for capability in range(64):
        _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)
    kept = _reading() if trusted and layers["user"] != "namespace" else 0
    _libc.prctl(_KEEPCAPS, 1, 0, 0, 0)  # until capset
    if user is not None:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        layers["user"] = f"user {user}"
    _libc.prctl(_AMBIENT, 4, 0, 0, 0)
    _check(_libc.capset(_CAPABILITIES_3, struct.pack("6I", kept, kept, 0, 0, 0, 0)))
    _check(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0))
    die_with_parent()


def limit(walls: Walls, layers: dict[str, str]) -> None:
    """Resource limits of the calling process and its children."""
    for what, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, walls.file_bytes),
        (resource.RLIMIT_CPU, walls.cpu_seconds),
        (resource.RLIMIT_NOFILE, 4096),
        (resource.RLIMIT_MEMLOCK, _PINNED_BYTES if walls.devices else 0),
        (resource.RLIMIT_MSGQUEUE, 0),
    ):
        hard = resource.getrlimit(what)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))
    if counted_alone(layers):
        resource.setrlimit(resource.RLIMIT_NPROC, (walls.processes, walls.processes))


def counted_alone(layers: dict[str, str]) -> bool:
    """Whether RLIMIT_NPROC counts this room's processes only:
    own user id, or (Linux 5.14) own user namespace.
    """
    release = tuple(int(part) for part in platform.release().split("-")[0].split(".")[:2])
    return layers["user"].startswith("user ") or (
        layers["user"] == "namespace" and release >= (5, 14)
    )


def die_with_parent() -> None:
    """SIGKILL when the parent dies. To be repeated after a change of user, which forgets it."""
    _libc.prctl(_PDEATHSIG, 9, 0, 0, 0)


def adopt_orphans() -> None:
    """Descendants whose parents die become children of this process,
    so that it can find and end them.
    """
    _libc.prctl(_SUBREAPER, 1, 0, 0, 0)


def hide_memory(*, hidden: bool = True) -> None:
    """Other processes of the same user can't read this one's memory or environment."""
    _libc.prctl(_DUMPABLE, int(not hidden), 0, 0, 0)


def visible(readable: tuple[str, ...], hidden: tuple[str, ...]) -> Iterator[str]:
    """The readable paths, opened up where something hidden lies below, so that it can be left out;
    hidden ones are real paths.
    """
    for path in readable:
        real = os.path.realpath(path)
        if not around([real], hidden):
            yield path
        elif real not in hidden:
            yield from _around(real, hidden)


def _around(folder: str, hidden: tuple[str, ...]) -> Iterator[str]:
    """What lies in a folder, but for what is hidden and for links that lead there: a virtual
    environment's lib64 is a link to its lib.
    """
    for entry in sorted(os.scandir(folder), key=lambda one: one.name):
        real = os.path.realpath(entry.path)
        if any(is_within(real, one) for one in hidden):
            continue
        if not around([real], hidden):
            yield entry.path
        elif not entry.is_symlink():
            yield from _around(entry.path, hidden)


def around(folders: Iterable[str], hidden: tuple[str, ...]) -> list[str]:
    """Those in which something hidden lies."""
    real = {path: os.path.realpath(path) for path in folders}
    return [path for path in real if any(is_within(one, real[path]) for one in hidden)]


def listed(ways: Iterable[str], walls: Walls) -> list[str]:
    """The folders of libraries on Python's ways in which something hidden lies: Python finds
    nothing in a folder that it can't list. A checkout on its way need not be found.
    """
    real = map(os.path.realpath, ways)
    return around([one for one in real if around(walls.readable, (one,))], walls.hidden)


def names_of(hidden: tuple[str, ...], readable: tuple[str, ...]) -> list[str]:
    """All paths under which something hidden would be seen in what is readable: its own, and those
    by way of a readable path which is a link, or lies behind one.
    """
    real = {path: os.path.realpath(path).rstrip("/") for path in readable}
    ways = [path + one[len(real[path]) :] for path in readable for one in hidden
            if is_within(one, real[path])]  # fmt: skip
    return list(dict.fromkeys((*hidden, *ways)))


def is_within(path: str, folder: str) -> bool:
    """Whether it is the folder, or lies in it."""
    return f"{path}/".startswith(f"{folder.rstrip('/')}/")


def _may_mount(walls: Walls) -> bool:
    """Whether root may, in a namespace of its own: AppArmor forbids it in containers that may have
    one.
    """
    try:
        _mount(None, "/", None, _REC | _SLAVE)
        _mount("tmpfs", walls.root, "tmpfs", _NOSUID | _NODEV, "size=4k")
    except OSError:
        return False
    return True


def _reading() -> int:
    """The one of our capabilities that is enough to read what belongs to others."""
    data = ctypes.create_string_buffer(24)
    _check(_libc.capget(_CAPABILITIES_3, data))
    permitted = struct.unpack("6I", data.raw)[1]
    override, read_search = 1 << 1, 1 << 2
    return read_search if permitted & read_search else permitted & override


def _own_user_namespace() -> str:
    """Tried in a child first: Ubuntu lets anyone make one, then denies what it is good for,
    and there is no return.
    """
    trial = os.fork()
    if trial == 0:
        os._exit(int(bool(_make_user_namespace()) or not _unshare(_NEWNS)))
    if os.waitpid(trial, 0)[1]:
        return "missing: the system does not allow user namespaces"
    return _make_user_namespace() or "namespace"


def _make_user_namespace() -> str:
    """What went wrong, if anything."""
    uid, gid = os.geteuid(), os.getegid()
    hide_memory(hidden=False)  # or the maps could not be written
    if not _unshare(_NEWUSER):
        return f"missing: {os.strerror(ctypes.get_errno())}"
    try:
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{_ROOM_UID} {uid} 1"),
            ("gid_map", f"{_ROOM_UID} {gid} 1"),
        ):
            Path(f"/proc/self/{name}").write_text(text, encoding="ascii")
    except OSError as error:
        return f"missing: {error.strerror}"
    return ""


def _readable_by_others(walls: Walls, *, including_parents: bool) -> bool:
    """Whether a user without rights could still load Python's files
    and come to the room's folder.
    """
    places = {Path(path).resolve() for path in walls.readable}
    if including_parents:
        places |= {Path(walls.folder).parent, Path(walls.runtime).parent}
        places |= {parent for place in places for parent in place.parents}
    return all(
        place.stat().st_mode & (stat.S_IXOTH if place.is_dir() else stat.S_IROTH)
        for place in places
        if place.exists()
    )


def _spare_user() -> int | None:
    """A user id that nobody else has, made of the process id; None where there is none to spare."""
    last = Path("/proc/self/uid_map").read_text(encoding="ascii").splitlines()[-1]
    first, _, count = (int(field) for field in last.split())
    if first + count > _SPARE + 0x1000000:
        return _SPARE + os.getpid()
    return first + count - 1 - os.getpid() % min(count // 2, 65536) if count > 1000 else None


def _move_into(walls: Walls, user: int | None) -> None:
    _mount(None, "/", None, _REC | _SLAVE)  # what happens here stays here
    root = walls.root
    _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV, "size=4m,mode=755")
    _furnish(walls, user)
    ours = [root]
    hidden = names_of(walls.hidden, walls.readable)
    steps = dict.fromkeys(hidden, "hide") | dict.fromkeys(walls.readable, "read")
    steps |= {walls.folder: "write", walls.runtime: "write"}
    for path, what in sorted(steps.items()):  # parents before what lies in them
        if what == "hide":
            if os.path.lexists(root + path):
                ours += _cover(root + path)
        elif os.path.lexists(path):
            _show(path, root + path, writable=what == "write")
    for place in reversed(ours):
        _mount(None, place, None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV)
    os.chdir(root)
    # a machine that still runs from its initial memory disk
    if _libc.syscall(_PIVOT_ROOT, b".", b"."):
        _mount(".", "/", None, _MOVE)
        os.chroot(".")
    else:
        _check(_libc.umount2(b".", _DETACH))
    os.chdir("/")


def _cover(place: str) -> list[str]:
    """Nothing to be seen at `place`; returns what is to be made read-only in the end."""
    if Path(place).is_dir():
        _mount("tmpfs", place, "tmpfs", _NOSUID | _NODEV, "size=1m,mode=755")
        return [place]
    _mount("/dev/null", place, None, _BIND)
    return []


def _show(source: str, place: str, *, writable: bool) -> None:
    origin, target = Path(source), Path(place)
    if origin.is_symlink() and not writable:
        # /lib -> usr/lib
        if origin.is_dir() and len(origin.parts) == 2 and not os.path.lexists(place):
            target.symlink_to(origin.readlink())
            return
        origin = origin.resolve()
    if origin.is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    _mount(str(origin), place, None, _BIND | _REC)
    _restrict(place, _NOSUID | _NODEV | (0 if writable else _RDONLY))


def _restrict(place: str, flags: int) -> None:
    """Flags on a mount and all below it; on kernels before 5.12 on the mount alone,
    which Landlock makes up for.
    """
    attributes = (flags & (_RDONLY | _NOSUID | _NODEV)).to_bytes(8, "little") + bytes(24)
    recursive, here = 0x8000, -100
    if _libc.syscall(
        _MOUNT_SETATTR, here, os.fsencode(place), recursive, attributes, len(attributes)
    ):
        kept = os.statvfs(place).f_flag & (_RDONLY | _NOSUID | _NODEV | _NOEXEC)
        _mount(None, place, None, _REMOUNT | _BIND | flags | kept)


def _furnish(walls: Walls, user: int | None) -> None:
    """/proc, /dev, /tmp and the few files of /etc that programs ask for."""
    root = Path(walls.root)
    for name in ("proc", "dev", "dev/shm", "tmp", "etc"):
        (root / name).mkdir()
    try:
        _mount("proc", f"{root}/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
    except OSError:
        # in a container whose own /proc is partly covered; TensorFlow aborts without any
        _mount("/proc", f"{root}/proc", None, _BIND | _REC)
    for device in filter(os.path.exists, (*DEVICES, *walls.devices)):
        place = root / device.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
        _mount(device, str(place), None, _BIND)
    for name, descriptor in (
        ("fd", "fd"),
        ("stdin", "fd/0"),
        ("stdout", "fd/1"),
        ("stderr", "fd/2"),
    ):
        (root / "dev" / name).symlink_to(f"/proc/self/{descriptor}")
    for name in SCRATCH:
        _mount(
            "tmpfs", f"{root}{name}", "tmpfs", _NOSUID | _NODEV, "size=512m,nr_inodes=20k,mode=1777"
        )
    who = user or os.geteuid()
    for name, text in (
        ("passwd", f"room:x:{who}:{who}::/:/bin/sh\n"),
        ("hosts", "127.0.0.1 localhost room\n"),
        ("nsswitch.conf", "passwd: files\ngroup: files\nhosts: files\n"),
    ):
        (root / "etc" / name).write_text(text, encoding="ascii")


def _own(namespace: int) -> str:
    return "namespace" if _unshare(namespace) else f"missing: {os.strerror(ctypes.get_errno())}"


def _unshare(flags: int) -> bool:
    return bool(_libc.unshare(flags) == 0)


def _mount(source: str | None, place: str, kind: str | None, flags: int, options: str = "") -> None:
    names = [None if name is None else os.fsencode(name) for name in (source, place, kind)]
    if _libc.mount(*names, ctypes.c_ulong(flags), os.fsencode(options) or None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), place)


def _check(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
