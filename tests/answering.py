"""Runs made in this process, without a room around it, and judged in it: the same code answers and
judges as in rooms.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Assignment, Task, own_course
from autograder.data.prepared import use
from autograder.desk import desk
from autograder.judge.hidden_side import Grader, grader_files, load
from autograder.judge.hints import Hint, read_hints
from autograder.judge.inside import run_graders
from autograder.judge.room import Judged, add_up
from autograder.records import Check, TaskVerdict, Verdict, read_run
from autograder.rooms.here import RoomsHere
from autograder.rooms.limits import Limits
from autograder.rooms.student import Order, run_submission
from autograder.submissions.rebuilding import Rebuilt, Section

SEED = 20_241
OWN = own_course()
FOLDER = OWN.graders
DESK = desk(OWN, "residual_networks")
use({"desk": DESK, "data": None})  # graders import labkit


def graders(assignment: str, folder: Path = FOLDER) -> dict[str, Grader]:
    """The graders of an assignment, whatever else its hidden folder holds."""
    files = grader_files(folder / assignment)
    return {file.stem: Grader(file.stem, file, load(file)) for file in files}


def hints(assignment: str) -> dict[str, Hint]:
    """The hints of an assignment."""
    return read_hints(FOLDER / assignment / "hints.toml")


def judged(
    folder: Path, assignment: str, cells: Mapping[str, str], **others: Any
) -> dict[str, TaskVerdict]:
    """The verdict on cells (task to source) for each task that has one, worth one point each."""
    found = {task: grader for task, grader in graders(assignment).items() if task in cells}
    answered(folder, assignment, cells, found, **others)
    return {task.task: task for task in verdict(folder, assignment, tuple(found)).tasks}


def verdict(
    folder: Path,
    assignment: str,
    tasks: tuple[str, ...],
    graders_folder: Path = FOLDER,
    calibration: Mapping[str, Mapping[str, Any]] | None = None,
) -> Verdict:
    """The verdict on a run that lies in `folder`, with other calibration records if there are
    some.
    """
    hidden = graders_folder / assignment
    if calibration is not None:
        hidden = folder / "graders" / assignment
        shutil.copytree(graders_folder / assignment, hidden)
        (hidden / "calibration.json").write_text(json.dumps(calibration))
    payload = {
        "run_dir": str(folder),
        "graders": str(hidden),
        "desk": str(DESK),
        "data": "",
        "tasks": tasks,
        "secret": "of the tests",
        "store": str(folder.parent / "hidden"),
    }
    worth = Assignment(
        assignment, tuple(Task(task, 1.0, manual=False) for task in tasks), folder, folder
    )
    judged = {
        task: Judged(tuple(Check(**check) for check in found["checks"]), tuple(found["leans"]))
        for task, found in run_graders(payload).items()
    }
    return add_up(read_run(folder / "run.json"), worth, judged)


def answered(
    folder: Path,
    assignment: str,
    cells: Mapping[str, str],
    found: Mapping[str, Grader],
    given: Mapping[str, Any] | None = None,
) -> None:
    """Execute the cells in one namespace, which holds `given`, and ask the graders' questions."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells.values()])
    sections = tuple(Section(task, (number,)) for number, task in enumerate(cells))
    order = Order(
        Rebuilt(notebook, sections, ()),
        assignment,
        "alice",
        {task: grader.questions(SEED) for task, grader in found.items()},
        {},
        SEED,
    )
    run_submission(order, DESK, folder, RoomsHere(given=dict(given or {})), Limits())
