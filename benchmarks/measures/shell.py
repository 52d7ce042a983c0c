"""Commands as a person types them, timed from outside."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

BIN = Path(sys.executable).parent
_WATCH_SECONDS = 0.3
_CLEARING_SECONDS = 60
_MIB = 2**20


@dataclass
class Timed:
    """What became of a command; memory only where it was watched."""

    begun: float  # as time.time() says it
    seconds: float = 0.0
    output: str = ""
    parent_mib: float = 0.0  # most that the process itself held
    rooms_mib: float = 0.0  # most private memory of all that it started


def run(folder: Path, *command: str | Path, watch: bool = False, ends: int = 0) -> Timed:
    """Run a command in a folder, our programs found first on the path.

    Raises:
        RuntimeError: it ended with another exit status than expected.
    """
    env = {
        **os.environ,
        "PATH": os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)]),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
    }
    timed, begin = Timed(time.time()), time.perf_counter()
    with subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        if watch:
            threading.Thread(target=_watch, args=(process.pid, timed), daemon=True).start()
        try:
            timed.output = process.communicate()[0]
        except KeyboardInterrupt:  # the command has got it too, and clears up
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_CLEARING_SECONDS)
            process.kill()
            raise
    timed.seconds = time.perf_counter() - begin
    if process.returncode != ends:
        words = " ".join(str(part) for part in command)[:200]
        raise RuntimeError(
            f"{words}: expected exit status {ends}, found {process.returncode}; "
            f"its last words:\n{timed.output[-2000:]}"
        )
    return timed


def python(folder: Path, code: str, *arguments: str | Path) -> Timed:
    """Run a program text in a process of its own."""
    return run(folder, sys.executable, "-W", "ignore", "-c", code, *arguments)


def _watch(pid: int, timed: Timed) -> None:
    """Note the most memory that a process and those below it hold, until it ends."""
    try:
        process = psutil.Process(pid)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            timed.parent_mib = max(timed.parent_mib, process.memory_info().rss / _MIB)
            private = sum(_private(child) for child in process.children(recursive=True))
            timed.rooms_mib = max(timed.rooms_mib, private / _MIB)
            time.sleep(_WATCH_SECONDS)
    except psutil.NoSuchProcess:
        pass


def _private(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().uss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0.0
