"""How long each code cell of our notebooks takes:
`python benchmarks/cell_seconds.py [source|release] [ASSIGNMENT …]`.

Prints the processor seconds of the kernel, all its threads together, for every cell that takes more
than half a second. It runs as on a student's machine: notebook and labkit alone in a folder, and
nothing of this package can be imported.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import psutil
from nbclient import NotebookClient

from autograder.course import own_course
from autograder.desk import place_labkit
from autograder.files import temporary_folder

SHOWN = 0.5  # processor seconds
ALONE = 'import sys\n\nsys.modules["autograder"] = None  # import says that there is none\n'


class Timed(NamedTuple):
    """A code cell with its outputs, and what it took."""

    cell: Any
    seconds: float


def executed(kind: str, name: str, folder: Path) -> list[Timed]:
    """The code cells of a notebook after a run in an empty folder, beside labkit."""
    course = own_course()
    path = course.source(name) if kind == "source" else course.template(name)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("import autograder"))
    place_labkit(course, name, folder)
    (folder / "alone").mkdir()
    (folder / "alone" / "sitecustomize.py").write_text(ALONE)
    client = _Timing(
        notebook, timeout=300, allow_errors=True, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env=os.environ | {"PYTHONPATH": str(folder / "alone")})
    assert notebook.cells.pop().outputs[-1].ename == "ModuleNotFoundError"
    return [
        Timed(cell, client.seconds[cell.id]) for cell in notebook.cells if cell.cell_type == "code"
    ]


class _Timing(NotebookClient):  # type: ignore[misc]
    """Reads the kernel's processor time around each cell."""

    def __init__(self, notebook: Any, **settings: Any) -> None:
        super().__init__(notebook, **settings)
        self.seconds: dict[str, float] = {}

    async def async_execute_cell(self, cell: Any, *args: Any, **kwargs: Any) -> Any:
        before = self._spent()
        done = await super().async_execute_cell(cell, *args, **kwargs)
        self.seconds[cell.id] = self._spent() - before
        return done

    def _spent(self) -> float:
        times = psutil.Process(self.km.provisioner.pid).cpu_times()
        return float(times.user + times.system)


def main(kind: str, names: list[str]) -> None:
    for name in names or sorted(path.name for path in (own_course().root / "source").iterdir()):
        with temporary_folder("cells") as folder:
            found = executed(kind, name, folder)
        print(f"{name}, {kind}: {sum(one.seconds for one in found):.0f} s", flush=True)
        for cell, seconds in found:
            if seconds > SHOWN:
                print(f"{seconds:8.1f}  {cell.id}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1] if sys.argv[1:] else "source", sys.argv[2:])
