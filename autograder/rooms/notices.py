"""What a student's code tries that comes to nothing in a room, noted for the instructor.

A note stops nothing. It is made beside the student's code, which can evade it or make up others: no
point hangs on it. Loaded as source text into the room's kernel; depends on the standard library
only.
"""

from __future__ import annotations

import os
import sys
from typing import Any

MOST = 30
NETWORK, PROGRAM, SIGNAL, FILE = (
    "tried to reach the network",
    "started another program",
    "sent a signal to process",
    "looked for a file outside of its room",
)
# Python's audit event: what it means, and which of its arguments says more
_EVENTS = {
    "socket.connect": (NETWORK, 1),
    "socket.sendto": (NETWORK, 1),
    "socket.getaddrinfo": (NETWORK, 0),
    "socket.gethostbyname": (NETWORK, 0),
    "subprocess.Popen": (PROGRAM, 0),
    "os.system": (PROGRAM, 0),
    "os.exec": (PROGRAM, 0),
    "os.posix_spawn": (PROGRAM, 0),
    "os.kill": (SIGNAL, 0),
    "os.killpg": (SIGNAL, 0),
    "open": (FILE, 0),
    "os.listdir": (FILE, 0),
    "os.scandir": (FILE, 0),
}
# what a room has besides its own folder and Python's
_SHOWN = ("/usr/", "/lib", "/bin", "/sbin", "/nix/", "/etc/", "/dev", "/tmp", "/sys/", "/proc")  # noqa: S108
_OTHERS = ("environ", "mem", "maps", "fd", "root", "cwd")  # of /proc/<another>/


class Watch:
    """An audit hook: adds to `noticed`, each thing once."""

    def __init__(self, noticed: list[str], folder: str) -> None:
        self._noticed = noticed
        self._told: set[str] = set()
        self._folder = folder
        self._known = (folder, *_SHOWN, sys.prefix, sys.base_prefix)
        self._own = os.getpid()

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Python tells it of each event; most are none of these."""
        meaning = _EVENTS.get(event)
        if meaning is None or len(self._told) >= MOST:
            return
        try:
            what, which = meaning
            more = self._place(args[which]) if what == FILE else f"{args[which]!r:.80}"
        except BaseException:  # what is in there is the student's
            return
        text = f"{what} ({more})"
        own = what == SIGNAL and args[0] == self._own
        if more and not own and text not in self._told:
            self._told.add(text)
            self._noticed.append(text)

    def _place(self, path: Any) -> str:
        """The path, if it leads to another place than the room's; "" for all others."""
        if type(path) is bytes:
            path = path.decode("utf-8", "replace")
        if type(path) is not str or not path.startswith(("/", "..")):
            return ""
        place = os.path.normpath(os.path.join(self._folder, path))  # noqa: PTH118
        parts = place.split("/")
        if parts[1] == "proc" and parts[-1] in _OTHERS and parts[2].isdigit():
            return "" if parts[2] == str(self._own) else place[:80]
        return "" if place == "/" or place.startswith(self._known) else place[:80]
