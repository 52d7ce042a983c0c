"""Landlock, the second wall: what a process may open, connect to and signal,
kept by the kernel without any namespace.

Depends on the standard library only: it is loaded by path, beside student code.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on x86_64 and aarch64
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL
_BITS_OF_ABI = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many of the file rights the kernel knows
_libc = ctypes.CDLL(None, use_errno=True)


def abi() -> int:
    """The kernel's version of Landlock; 0 where there is none."""
    return max(0, int(_libc.syscall(_CREATE, None, 0, 1)))


def close_paths(
    readable: Iterable[str],
    writable: Iterable[str],
    changeable: Iterable[str] = (),
    listed: Iterable[str] = (),
) -> str:
    """Nothing but these paths from now on, no TCP, no signals to the outside;
    says what became of it. In what is `changeable` files are written that are there, none is made;
    of what is `listed` names are known.
    """
    version = abi()
    if not version:
        return "missing: the kernel has no Landlock"
    known = (1 << _BITS_OF_ABI.get(version, 16)) - 1
    rules = _rules(version, known)
    if rules < 0:
        return f"missing: {os.strerror(ctypes.get_errno())}"
    try:
        for path in readable:
            _allow(rules, path, _READING & known)
        for path in writable:
            _allow(rules, path, known)
        for path in listed:
            _allow(rules, path, _READ_DIR)
        for path in changeable:
            _allow(rules, path, (_READING | _WRITE_FILE | _TRUNCATE) & known)
        no_new_privileges = 38
        if _libc.prctl(no_new_privileges, 1, 0, 0, 0) or _libc.syscall(_RESTRICT, rules, 0):
            return f"missing: {os.strerror(ctypes.get_errno())}"
    finally:
        os.close(rules)
    return f"Landlock {version}"


def _rules(version: int, known: int) -> int:
    """An empty set of rules, as much as that version knows of; negative where there is none."""
    tcp = 3 if version >= 4 else 0
    scoped = 3 if version >= 6 else 0  # abstract sockets and signals
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    return int(_libc.syscall(_CREATE, struct.pack("QQQ", known, tcp, scoped), size, 0))


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no permission
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            rights &= _OF_FILES
        if _libc.syscall(_ADD, rules, 1, struct.pack("=Qi", rights, handle), 0):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)
    finally:
        os.close(handle)
