"""Linters that are programs, of the dev extra."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from machines import missing


def lint(*command: str | Path) -> None:
    """The program finds nothing."""
    program = Path(sys.executable).parent / command[0]
    if not program.is_file():
        missing(f"{command[0]}, of the dev extra")
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    done = subprocess.run(
        [program, *command[1:]],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    assert done.returncode == 0, done.stdout + done.stderr
