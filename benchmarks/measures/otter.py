"""otter-grader without Docker, on a notebook with the same public checks in its own format.

`otter run` grades one submission; one process calls it for all, which spares them its import.
"""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import own_course, read_assignment
from autograder.desk import place_labkit
from measures.classes import checked, handed_in, students, write
from measures.shell import python

CHECK = """\
from otter.test_files import test_case

OK_FORMAT = False
name = "{task}"
points = {points}


@test_case()
def public_check({names}):
    from labkit.public import TASKS

    for holds, claim, mistake in TASKS["{task}"].lines({names}):
        assert holds, f"{{claim}}. {{mistake}}"
"""
RUN = """\
import contextlib, io, json, sys, time
from otter.run import main

found = []
for path in sys.argv[2:]:
    begin = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        graded = main(path, autograder=sys.argv[1], output_dir="", no_logo=True)
    found.append([time.perf_counter() - begin, graded.total / graded.possible])
print("\\n" + json.dumps(found))
"""
NAMES = """\
import importlib, json, sys

sys.path.append(sys.argv[1])
tasks = importlib.import_module("labkit.public").TASKS
print("\\n" + json.dumps({task: public.names for task, public in tasks.items()}))
"""


def run_all(folder: Path, assignment: str, kind: str, size: int) -> dict[str, Any]:
    """Grade a class, one after the other."""
    course, archive = own_course(), make_archive(folder, assignment)
    paths = []
    for student in students(size):
        notebook = with_checks(handed_in(course, assignment, kind, student))
        paths.append(write(folder / "otter" / student / f"{assignment}.ipynb", notebook))
    timed = python(folder, RUN, archive, *paths)
    found = json.loads(timed.output.splitlines()[-1])
    return {
        "submissions": size,
        "seconds": timed.seconds,
        "startup_seconds": timed.seconds - sum(seconds for seconds, _ in found),
        "score": sum(share for _, share in found) / size,
        "each_seconds": [seconds for seconds, _ in found],
    }


def make_archive(folder: Path, assignment: str) -> Path:
    """The autograder.zip: a test file for each task, and labkit."""
    course, files = own_course(), folder / "files"
    files.mkdir()
    place_labkit(course, assignment, files)
    tasks = json.loads(python(folder, NAMES, files).output.splitlines()[-1])
    points = read_assignment(course, assignment).points
    path = folder / "autograder.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for task, names in tasks.items():
            text = CHECK.format(task=task, points=points[task], names=", ".join(names))
            archive.writestr(f"tests/{task}.py", text)
        for file in sorted(files.rglob("*")):
            archive.write(file, Path("files") / file.relative_to(files))
    return path


def with_checks(notebook: Any) -> Any:
    """The notebook as otter would have it: a grader made at the start, and asked at each task."""
    for cell in notebook.cells:
        if task := checked(cell):
            cell.source = f'grader.check("{task}")'
    start = nbformat.v4.new_code_cell("import otter\n\ngrader = otter.Notebook()")
    notebook.cells.insert(0, start)
    return notebook
