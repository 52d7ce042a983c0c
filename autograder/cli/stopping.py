"""What the process does with signals, and with what libraries would say on the screen."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from types import FrameType
from typing import Any

from autograder.faults import written_down
from autograder.files import let_go

SOON = 4.0  # seconds within which everything has to have ended after a first Ctrl-C
STOPPING = "stopping; what is finished is kept"
STOPPED = "interrupted; the same command goes on where this one stopped"


@contextlib.contextmanager
def stopping() -> Iterator[None]:
    """Ctrl-C, SIGTERM, by which batch systems stop a job, and SIGHUP of a terminal that is closed
    end the block by a KeyboardInterrupt; the process if that takes long, and at once if there is a
    second.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if asked.is_set():
            os._exit(130)
        asked.set()
        _say(STOPPING)
        last = threading.Timer(SOON, _leave)
        last.daemon = True
        last.start()
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in _signals()}
    try:
        yield
    finally:
        if not asked.is_set():
            for number, handler in before.items():
                signal.signal(number, handler)


def _signals() -> Iterator[signal.Signals]:
    yield from (signal.SIGINT, signal.SIGTERM)
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        yield signal.SIGHUP  # which nohup has a process ignore


def _leave() -> None:
    """End, whatever some thread is waiting for: rooms end with this process, what is stored is
    whole.
    """
    let_go()
    _say(STOPPED)
    os._exit(130)


def _say(line: str) -> None:
    """Past whatever the rest of the process does with standard error."""
    with contextlib.suppress(OSError):
        os.write(2, f"{line}\n".encode())


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Nothing of what libraries warn of reaches the screen, nor the stack of a thread that dies:
    that is written down.
    """
    last, unraisable, thread = logging.lastResort, sys.unraisablehook, threading.excepthook
    with warnings.catch_warnings():
        if not sys.warnoptions:
            warnings.simplefilter("ignore")
        logging.lastResort = logging.NullHandler()
        sys.unraisablehook = threading.excepthook = _note
        try:
            yield
        finally:
            logging.lastResort, sys.unraisablehook = last, unraisable
            threading.excepthook = thread


def _note(told: Any) -> None:
    if told.exc_value is not None and not isinstance(told.exc_value, SystemExit):
        written_down(told.exc_value, None)
