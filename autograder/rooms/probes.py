"""What student code might try, tried in a room: its text is sent there,
so it depends on the standard library only, and on what the room has imported.
"""

from __future__ import annotations

import ctypes
import fcntl
import importlib.util
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def attempts(outside: dict[str, Any]) -> dict[str, str]:
    """For each thing of the outside whether it could be reached:
    "denied" with the reason, or "reached". "lacking" names what is needed and can't be imported.
    """
    parent = outside["parent"]
    tries: dict[str, Callable[[], object]] = {
        "read a secret file": Path(outside["secret"]).read_bytes,
        "read the course": lambda: _some(
            any(_is_readable(path) for path in _files(outside["course"], outside["shown"]))
        ),
        "see names of hidden files": lambda: _some(
            [entry for place in outside["course"] for entry in _within(place, outside["shown"])]
        ),
        "read another room": (Path(outside["other"]) / "answer").read_bytes,
        "list other rooms": lambda: _some(
            Path(outside["other"]) in Path(outside["other"]).parent.iterdir()
        ),
        "write outside": (
            lambda: (Path(outside["open"]) / "left").write_text("here", encoding="ascii")
        ),
        "connect by TCP": lambda: _connect(socket.AF_INET, ("127.0.0.1", outside["tcp"])),
        "send by UDP": lambda: _send(("127.0.0.1", outside["udp"])),
        "connect to an abstract socket": lambda: _connect(
            socket.AF_UNIX, "\0" + outside["abstract"]
        ),
        "connect to a socket in a folder": lambda: _connect(socket.AF_UNIX, outside["socket"]),
        "see other processes": lambda: _some(Path(f"/proc/{parent}/cmdline").read_bytes()),
        "signal the supervisor": lambda: os.kill(parent, 0),
        "read the supervisor's environment": lambda: _some(
            Path(f"/proc/{parent}/environ").read_bytes()
        ),
        "trace the supervisor": lambda: _trace(parent),
        "see the supervisor's environment variables": lambda: _some(
            set(os.environ) - set(outside["names"])
        ),
    }
    lacking = [name for name in outside["needed"] if not importlib.util.find_spec(name)]
    found = {name: _outcome(attempt) for name, attempt in tries.items()}
    return {**found, "lacking": ", ".join(lacking)}


def fork_many(most: int) -> int:
    """How many processes could be started, up to `most`."""
    for count in range(most):
        try:
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
        except OSError:
            return count
    time.sleep(2)  # for whoever only looks from time to time
    return most


def fill_memory(most: int) -> int:
    """Touch so many bytes of memory, and hold them long enough to be noticed."""
    taken = bytearray(b"x") * most
    time.sleep(2)
    return len(taken)


def stay_behind(lock: str) -> None:
    """Leave a process that wants to outlive the room, holding a lock, then wait to be killed."""
    ready, tell = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            fcntl.flock(os.open(lock, os.O_RDWR | os.O_CREAT, 0o666), fcntl.LOCK_EX)
            os.write(tell, b"!")
            time.sleep(600)
        os._exit(0)
    os.read(ready, 1)
    os._exit(0)


def compute(_: None) -> dict[str, Any]:
    """The devices on which Keras would train, by their frameworks' names, and whether a product of
    matrices comes out right there. Needs Keras, unlike the others.
    """
    import keras
    import numpy as np

    if keras.backend.backend() == "jax":
        import jax

        seen = [str(device) for device in jax.devices() if device.platform == "gpu"]
    else:
        import tensorflow as tf

        seen = [device.name for device in tf.config.list_physical_devices("GPU")]
    one = np.arange(12, dtype="float32").reshape(3, 4)
    found = keras.ops.convert_to_numpy(keras.ops.matmul(one, one.T))
    return {"seen": seen, "right": bool(np.allclose(found, one @ one.T))}


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as error:
        return f"denied: {error.strerror or error}"
    return "reached"


def _connect(family: int, address: Any) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as stream:
        stream.settimeout(2)
        stream.connect(address)


def _send(address: Any) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.sendto(b"canary", address)


def _files(places: list[str], shown: list[str]) -> Iterator[str]:
    """What lies in these places, however deep, and is not in something that may be seen."""
    for place in places:
        yield place
        for folder, folders, files in os.walk(place):
            folders[:] = [one for one in folders if f"{folder}/{one}" not in shown]
            yield from (f"{folder}/{one}" for one in files)


def _is_readable(path: str) -> bool:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 — a thousand of them
            return bool(file.read(1))
    except OSError:
        return False


def _within(place: str, shown: list[str]) -> list[str]:
    """What can be seen in a place, but for what leads to something that may be."""
    try:
        entries = [entry.path for entry in os.scandir(place)]
    except OSError:
        return []
    return [one for one in entries if not any(f"{path}/".startswith(f"{one}/") for path in shown)]


def _some(found: Any) -> None:
    if not found:
        raise OSError("nothing in it")


def _trace(pid: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    seize = 0x4206  # attaches without stopping it
    if libc.ptrace(seize, pid, None, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
