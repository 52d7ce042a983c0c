"""The least that a class can cost: the students' own cells, and the given ones that they use, in
processes forked from one that has imported everything already, as many as there are cores.

    python benchmarks/measures/floor.py NOTEBOOK LABKIT_FOLDER SUBMISSIONS PROCESSES
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

THREADS = (
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)


def run_bare(folder: Path, assignment: str, kind: str, size: int, processes: int) -> dict[str, Any]:
    """The cells of so many submissions, so many at a time."""
    from autograder.course import own_course
    from autograder.desk import place_labkit
    from measures.classes import handed_in, write
    from measures.shell import run

    course = own_course()
    notebook = handed_in(course, assignment, kind, "student")
    notebook.cells = own_cells(notebook)
    path = write(folder / "own.ipynb", notebook)
    place_labkit(course, assignment, folder)
    arguments = (path, folder, str(size), str(processes))
    timed = run(folder, sys.executable, "-P", "-W", "ignore", __file__, *arguments)
    seconds = json.loads(timed.output.splitlines()[-1])
    return {
        "submissions": size,
        "seconds": seconds,
        "startup_seconds": 0.0,
    }


def own_cells(notebook: Any) -> list[Any]:
    """The cells that run at grading where questions ask for nothing of a given cell's."""
    from autograder.submissions.leaning import running

    return [notebook.cells[index] for index in sorted(running(notebook.cells, (), {}))]


def main(notebook: str, labkit: str, size: int, processes: int) -> None:
    """Seconds from the first fork to the end of the last child."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    os.environ["MPLBACKEND"] = "Agg"
    sys.path.insert(0, labkit)
    __import__("tensorflow")
    __import__("keras")
    __import__("labkit")
    __import__("matplotlib.pyplot")
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    sources = [compile("".join(cell["source"]), "a cell", "exec") for cell in cells]
    begin = time.perf_counter()
    for number in range(size):
        if number >= processes:
            _wait()
        if os.fork() == 0:
            _execute(sources)
    for _ in range(min(size, processes)):
        _wait()
    print(f"\n{time.perf_counter() - begin}")


def _execute(sources: list[Any]) -> None:
    """The cells, in a folder of their own; ends the process."""
    status = 1
    try:
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            names: dict[str, Any] = {"__name__": "__main__"}
            with contextlib.redirect_stdout(io.StringIO()):
                for source in sources:
                    exec(source, names)  # noqa: S102 — our own reference solution
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(status)


def _wait() -> None:
    _, status = os.wait()
    if status != 0:
        raise RuntimeError(f"the cells ended with status {status}, expected 0")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
