"""Model files read in a process of their own, which may hang, die or run out of memory."""

from __future__ import annotations

import contextlib
import io
import json
import resource
import select
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

from autograder.architecture.archive import read_archive
from autograder.architecture.inspect import inspect
from autograder.errors import AutograderError

SECONDS = 30  # for a file, on a busy machine
MEMORY = 6 << 30  # bytes of address space; an archive may hold one GiB of arrays


class Apart:
    """A worker that is replaced when a file was too much for it."""

    def __init__(self) -> None:
        self._worker: subprocess.Popen[str] | None = None

    def read(self, path: Path, *, rebuilt: bool = False) -> str:
        """What came of a file: "" where it was read, else the one line that says why it was not.

        Raises:
            AssertionError: anything else came of it.
        """
        worker = self._worker = self._worker or self._started()
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(json.dumps([str(path), rebuilt]) + "\n")
        worker.stdin.flush()
        ready, _, _ = select.select([worker.stdout], [], [], SECONDS * (4 if rebuilt else 1))
        line = worker.stdout.readline() if ready else ""
        if not line:
            self.close()
            raise AssertionError("reading it takes for ever" if not ready else "it ends the reader")
        told: dict[str, str] = json.loads(line)
        assert "escaped" not in told, told["escaped"]
        return told.get("refused", "")

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.kill()
            self._worker.communicate()
            self._worker = None

    def _started(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(Path(__file__))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip


def came_of(path: Path, rebuilt: bool) -> dict[str, str]:
    """What comes of reading a file, as it is told to the other side."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            _read(path, rebuilt)
    except AutograderError as error:
        return {"refused": str(error)}
    except BaseException as error:
        return {"escaped": "".join(traceback.format_exception(error))[-3_000:]}
    return {}


def _read(path: Path, rebuilt: bool) -> None:
    if path.suffix == ".keras":
        config, weights = read_archive(path)
        for place in weights:
            _ = weights[place]
    else:
        config, weights = json.loads(path.read_bytes()), None
    inspect(path, None, as_json=True)
    inspect(path, 'residual(body="conv3x3")', as_json=False, svg=path.with_suffix(".svg"))
    if rebuilt:
        from autograder.architecture.rebuild import rebuild

        rebuild(config, weights)


def main() -> None:
    """Answer each line, a path, with a line."""
    answers = sys.stdout
    for line in sys.stdin:
        request: Any = json.loads(line)
        if not request[1]:  # TensorFlow takes more address space than that by itself
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        answers.write(json.dumps(came_of(Path(request[0]), request[1])) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
