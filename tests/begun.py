"""Commands that are begun, and end with the test whatever happens to it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def begun(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """The process; killed where the test fails meanwhile, which by itself would wait for its end,
    however long that takes.
    """
    with process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
