"""What is said where there can be no rooms: their walls are made of what only Linux has."""

from __future__ import annotations

import sys

from autograder.errors import UsageError

CONTAINER = 'docker run --rm -it --cap-add SYS_ADMIN -v "${PWD}:/course" -w /course python:3.11'
_SYSTEMS = {"darwin": "macOS", "win32": "Windows"}


def demand_linux() -> None:
    """Stop where no room can be opened.

    Raises:
        UsageError: this is another system; says what works there.
    """
    if sys.platform == "linux":
        return
    system = _SYSTEMS.get(sys.platform, sys.platform)
    also = " (or in WSL2, which is one)" if sys.platform == "win32" else ""
    raise UsageError(
        f"student code runs in rooms whose walls need Linux, and this is {system}: install the "
        f"package in a Linux container{also} and give the same command there; "
        f"{CONTAINER} bash opens one around this folder."
    )
