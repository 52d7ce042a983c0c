"""A tiny course: how the cost grows with the class, and how long it takes to begin."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import Course
from autograder.starter import new_assignment, new_course
from measures.classes import is_own, students, write
from measures.ours import graded
from measures.shell import BIN, run

NAME = "tiny"
CLOCK = "import time\n\nprint(time.time())\n"
REPEATED = 5


def grow(folder: Path, size: int, jobs: int) -> dict[str, Any]:
    """Grade a class of this size; time, and the memory of parent and rooms."""
    return graded(make_tiny(folder / "tiny", size), NAME, jobs, watch=True)


def grade_unchanged(folder: Path, size: int, jobs: int) -> dict[str, Any]:
    """Grade a class, and call again when there is nothing to do."""
    course = make_tiny(folder / "tiny", size)
    command = (BIN / "autograder", "grade", NAME, "--jobs", str(jobs))
    run(course.root, *command)
    return {"submissions": size, "seconds": run(course.root, *command).seconds}


def begin(folder: Path) -> dict[str, Any]:
    """Seconds until `--help` is there, Keras is imported, and a first cell runs."""
    course, bare = make_tiny(folder / "tiny", 1, CLOCK), folder / "bare"
    bare.mkdir()
    keras = (sys.executable, "-c", "import keras")
    for command in (keras, (BIN / "autograder", "--help")):  # so that all bytecode is there
        run(bare, *command)
    found = {
        "help_seconds": [
            run(bare, BIN / "autograder", "--help").seconds for _ in range(REPEATED)
        ],
        "keras_seconds": [],
        "first_cell_seconds": [],
    }  # fmt: skip
    for _ in range(REPEATED):
        found["keras_seconds"].append(run(bare, *keras).seconds)
        found["first_cell_seconds"].append(_until_first_cell(course))
    return found


def make_tiny(folder: Path, size: int, first: str = "") -> Course:
    """A new course with one assignment, its reference solution handed in by so many students."""
    course = new_course(folder)
    new_assignment(course, NAME)
    for student in students(size):
        notebook = nbformat.read(course.source(NAME), as_version=4)
        for cell in notebook.cells:
            if is_own(cell):
                cell.source = f"{first}# {student}\n{cell.source}"
        write(course.submission(NAME, student), notebook)
    return course


def _until_first_cell(course: Course) -> float:
    """Seconds from the shell until the student's cell says what time it is."""
    for part in ("runs", "autograded", "feedback"):
        shutil.rmtree(course.root / part, ignore_errors=True)
    timed = run(course.root, BIN / "autograder", "grade", NAME)
    path = course.run_dir(NAME, students(1)[0]) / "executed.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    said = [output["text"] for cell in cells if is_own(nbformat.from_dict(cell))
            for output in cell["outputs"] if output.get("name") == "stdout"]  # fmt: skip
    return float("".join(said[0]).split()[0]) - timed.begun
