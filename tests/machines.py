"""Machines that lack something: it is taken away for real from a process, which then becomes the
command that is to run there.

    python machines.py LACK[,LACK ...] COMMAND [ARGUMENT ...]

What is lacking stays away from all its children too. The standard library is enough for it.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import platform
import select
import socket
import stat
import struct
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOBODY = 1_800_000_000  # no user of this number has an entry or a process anywhere
GROUPS = Path("/sys/fs/cgroup")

_COLUMN = {"x86_64": 0, "aarch64": 1}.get(platform.machine(), 0)
_UNSHARE, _CLONE, _CLONE3, _SETNS = (272, 97), (56, 220), (435, 435), (308, 268)
_PIVOT_ROOT = (155, 41)
_MOUNTING = ((165, 40), (166, 39), _PIVOT_ROOT, (428, 428), (429, 429), (430, 430), (442, 442))
_PRCTL, _SECCOMP, _CREATE_RULESET = (157, 167), (317, 277), (444, 444)
_NAMESPACES, _NEWNS, _NEWUSER = 0x7E020000, 0x00020000, 0x10000000
_SET_SECCOMP, _FILTER, _NO_NEW_PRIVS, _CAPBSET_DROP = 22, 2, 38, 24
_BIND, _REC, _PRIVATE, _DETACH = 4096, 16384, 1 << 18, 2
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _FAIL, _ASK = 0x7FFF0000, 0x00050000, 0x7FC00000
_SYS_ADMIN = 1 << 21
# chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw,
# sys_chroot, mknod, audit_write, setfcap
_OF_DOCKER = sum(1 << number for number in (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31))
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Refused:
    """A system call that fails with `error`; only where its first argument has one of the `bits`,
    or `equals`, if either is given.
    """

    call: tuple[int, int]  # its number on x86_64 and on aarch64
    error: int = errno.EPERM
    bits: int = 0
    equals: int | None = None
    asked: bool = False  # what comes of it is decided call by call, in `_answer`


@dataclass(frozen=True)
class Lack:
    """What a machine may lack: calls that are refused, and what root does to its mounts before, and
    to its own privileges afterwards.
    """

    refused: tuple[Refused, ...] = ()
    before: Callable[[], None] = lambda: None
    afterwards: Callable[[], None] = lambda: None


def _no_groups() -> None:
    """As where control groups are not mounted at all."""
    _private_mounts()
    lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
    places = [line.split()[1] for line in lines]
    for place in sorted(filter(lambda place: place.startswith(str(GROUPS)), places), reverse=True):
        _check(_libc.umount2(place.encode(), _DETACH))


def _read_only_groups() -> None:
    """As containers see them."""
    _private_mounts()
    read_only, recursive, here, mount_setattr = 1, 0x8000, -100, 442
    attributes = struct.pack("4Q", read_only, 0, 0, 0)
    _check(
        _libc.syscall(mount_setattr, here, bytes(GROUPS), recursive, attributes, len(attributes))
    )


def _keep(capabilities: int) -> None:
    """Root, but with these only."""
    for number in range(64):
        if not capabilities >> number & 1:
            _libc.prctl(_CAPBSET_DROP, number, 0, 0, 0)
    version_3 = struct.pack("Ii", 0x20080522, 0)
    _check(_libc.capset(version_3, struct.pack("6I", capabilities, capabilities, 0, 0, 0, 0)))


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def run_on(
    lacks: Sequence[str],
    command: Sequence[str],
    cwd: Path,
    columns: int = 200,
    python: Path = Path(sys.executable),
) -> subprocess.CompletedProcess[str]:
    """Run a command of this Python's environment on a machine without these; its folder belongs to
    whoever it runs as.
    """
    if "privileges" in lacks and os.geteuid() == 0:
        subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", cwd], check=True)
    return subprocess.run(
        [python, __file__, ",".join(lacks), *command],
        cwd=cwd,
        env={**os.environ, "COLUMNS": str(columns), "HOME": str(cwd)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def missing(what: str) -> None:
    """This machine can't run the test: on CI that is a failure, for walls that nobody tests are no
    walls.
    """
    import pytest

    if os.environ.get("CI"):
        pytest.fail(f"CI has to have it: {what}")
    pytest.skip(what)


def become(lacks: Sequence[str]) -> None:
    """Take all of that away from this process, for good."""
    chosen = [lack for name, lack in LACKS.items() if name in lacks]
    root = os.geteuid() == 0
    if root:
        for lack in chosen:
            lack.before()
    refused = [one for lack in chosen for one in lack.refused]
    if refused:
        _apply(refused, no_new_privileges=not root)
    if root:
        for lack in chosen:
            lack.afterwards()


def _apply(refused: Sequence[Refused], *, no_new_privileges: bool) -> None:
    """One filter for all, or one that refuses filters would refuse the next."""
    program = b"".join(map(_lines, refused)) + _line(_RETURN, _ALLOW)
    code = ctypes.create_string_buffer(program)
    head = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code))
    if no_new_privileges:
        _check(_libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0))
    if any(one.asked for one in refused):
        _answered(head)
    else:
        _check(_libc.prctl(_SET_SECCOMP, _FILTER, head, 0, 0))


def _answered(head: bytes) -> None:
    """Go on as a child under this filter; this process stays, answers what it asks, and ends as the
    child does.
    """
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:
        listener = _libc.syscall(_SECCOMP[_COLUMN], 1, 8, head)
        if listener < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        socket.send_fds(theirs, [b"!"], [listener])
        os.close(listener)
        return
    theirs.close()
    _, [listener], _, _ = socket.recv_fds(ours, 1, 1)
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while poll.poll()[0][1] & select.POLLIN:  # it hangs up when nobody is left under the filter
        _answer(listener)
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF)


def _answer(listener: int) -> None:
    """As Linux 5.13 does to `landlock_create_ruleset`, which knows 13 rights on files."""
    receive, send, go_on = 0xC0502100, 0xC0182101, 1
    question = bytearray(80)
    try:
        fcntl.ioctl(listener, receive, question)
        name, pid, *_, address, size, flags = struct.unpack_from("QIIiIQQQI", question)
        value, error, how = 0, 0, 0
        if flags & 1:
            value = 1
        elif size > 8:
            error = -errno.E2BIG
        else:
            with Path(f"/proc/{pid}/mem").open("rb") as memory:
                memory.seek(address)
                rights = int.from_bytes(memory.read(8), "little")
            error, how = (-errno.EINVAL, 0) if rights >> 13 else (0, go_on)
        fcntl.ioctl(listener, send, struct.pack("QqiI", name, value, error, how))
    except FileNotFoundError:
        return  # whoever asked is gone


def _lines(one: Refused) -> bytes:
    refuse = _line(_RETURN, _ASK if one.asked else _FAIL | one.error)
    number = _line(_LOAD, 0)
    if not one.bits and one.equals is None:
        return number + _line(_EQUAL, one.call[_COLUMN], 0, 1) + refuse
    test = _line(_ANY_BIT, one.bits, 0, 1) if one.bits else _line(_EQUAL, one.equals or 0, 0, 1)
    argument = _line(_LOAD, 16)
    return number + _line(_EQUAL, one.call[_COLUMN], 0, 3) + argument + test + refuse


def _line(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _private_mounts() -> None:
    _check(_libc.unshare(_NEWNS))
    _check(_libc.mount(None, b"/", None, ctypes.c_ulong(_REC | _PRIVATE), None))


def _open_ways() -> None:
    """A folder that others may not pass, such as root's home, is covered by one that they may, with
    nothing in it but the repository, Python, and the working directory.
    """
    here = Path.cwd()
    places = {place.resolve() for place in (ROOT, Path(sys.prefix), Path(sys.base_prefix), here)}
    parents = {parent for place in places for parent in place.parents}
    shut = [parent for parent in parents if not parent.stat().st_mode & stat.S_IXOTH]
    if not shut:
        return
    _private_mounts()
    handles = {place: os.open(place, os.O_PATH) for place in sorted(places)}
    for folder in shut:
        if not any(other in folder.parents for other in shut):
            _check(_libc.mount(b"tmpfs", bytes(folder), b"tmpfs", ctypes.c_ulong(0), b"mode=755"))
    for place, handle in handles.items():
        if not place.exists():
            place.mkdir(parents=True)
            source = f"/proc/self/fd/{handle}".encode()
            _check(_libc.mount(source, bytes(place), None, ctypes.c_ulong(_BIND | _REC), None))
        os.close(handle)
    os.chdir(here)


def _check(result: int) -> None:
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


_NO_MOUNTS = tuple(Refused(call) for call in _MOUNTING)
_NO_NAMESPACES = (
    Refused(_UNSHARE, bits=_NAMESPACES),
    Refused(_CLONE, bits=_NAMESPACES),
    Refused(_CLONE3, errno.ENOSYS),
    Refused(_SETNS),
)
LACKS = {
    "privileges": Lack(before=_open_ways, afterwards=_become_nobody),
    "namespaces": Lack(_NO_NAMESPACES),
    # AppArmor of Ubuntu: anyone may make a user namespace, which is then good for nothing
    "apparmor": Lack((Refused(_UNSHARE, bits=_NAMESPACES & ~_NEWUSER), *_NO_MOUNTS)),
    # AppArmor of Docker, where the container was given SYS_ADMIN
    "mounts": Lack(_NO_MOUNTS),
    "cgroups": Lack(before=_no_groups),
    "delegation": Lack(before=_read_only_groups),
    # Docker and Podman as they start a container
    "container": Lack(_NO_NAMESPACES + _NO_MOUNTS, afterwards=lambda: _keep(_OF_DOCKER)),
    # the same with --cap-add SYS_ADMIN
    "most of a container": Lack(
        (Refused(_PIVOT_ROOT),), afterwards=lambda: _keep(_OF_DOCKER | _SYS_ADMIN)
    ),
    "landlock": Lack((Refused(_CREATE_RULESET, errno.ENOSYS),)),
    "newer landlock": Lack((Refused(_CREATE_RULESET, asked=True),)),
    "seccomp": Lack(
        (
            Refused(_PRCTL, errno.EINVAL, equals=_SET_SECCOMP),
            Refused(_SECCOMP, errno.EINVAL),
        )
    ),
}


if __name__ == "__main__":
    become([name for name in sys.argv[1].split(",") if name])
    os.execvp(sys.argv[2], sys.argv[2:])
