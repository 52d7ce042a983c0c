"""Runs made in this process, without a room around it:
the same code answers the questions as in the student room.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from autograder.course import Assignment, Task
from autograder.graders import Grader, graders
from autograder.judge.room import add_up, run_graders
from autograder.records import (
    CellError,
    Check,
    Run,
    SectionRun,
    TaskVerdict,
    Verdict,
    read_run,
    to_json,
)

SEED = 20_241
FOLDER = Path(__file__).parent.parent / "autograder" / "graders"


def judged(
    folder: Path, assignment: str, cells: Mapping[str, str], **others: Any
) -> dict[str, TaskVerdict]:
    """The verdict on cells (task to source) for each task that has one, worth one point each."""
    found = {task: grader for task, grader in graders(assignment, FOLDER).items() if task in cells}
    answered(folder, assignment, cells, found, **others)
    return {task.task: task for task in verdict(folder, assignment, tuple(found)).tasks}


def verdict(
    folder: Path,
    assignment: str,
    tasks: tuple[str, ...],
    graders_folder: Path = FOLDER,
    calibration: Mapping[str, Mapping[str, float]] | None = None,
) -> Verdict:
    """The verdict on a run that lies in `folder`, judged in this process."""
    payload = {
        "run_dir": str(folder),
        "graders": str(graders_folder / assignment),
        "tasks": tasks,
        "secret": "of the tests",
        "store": str(folder.parent / "hidden"),
        "calibration": calibration or {},
    }
    worth = Assignment(
        assignment, tuple(Task(task, 1.0, manual=False) for task in tasks), folder, folder
    )
    checks = {
        task: [Check(**check) for check in found] for task, found in run_graders(payload).items()
    }
    return add_up(read_run(folder / "run.json"), worth, checks)


def answered(
    folder: Path,
    assignment: str,
    cells: Mapping[str, str],
    found: Mapping[str, Grader],
    given: Mapping[str, Any] | None = None,
) -> None:
    """Execute the cells in one namespace, which holds `given`,
    and write run.json and the answers.
    """
    from autograder.rooms.inside import Inside

    kernel = SimpleNamespace(session=SimpleNamespace(send=None), shell_handlers={})
    compiler = SimpleNamespace(get_code_name=None)
    shell = SimpleNamespace(
        user_ns={"__name__": "__main__", **(given or {})}, compile=compiler, kernel=kernel
    )
    inside = Inside(shell, str(folder / "artefacts"))
    inside.cells = {f"<{task}>": task for task in cells}
    sections = tuple(_section(task, source, inside) for task, source in cells.items())
    for task, grader in found.items():
        for name, question in grader.questions(SEED).items():
            inside.ask(task, name, question, SEED)
    run = Run(assignment, "alice", "key", SEED, "graded", "none", 1.0, 1.0, sections)
    (folder / "run.json").write_text(to_json(run))


def _section(task: str, source: str, inside: Any) -> SectionRun:
    try:
        exec(compile(source, f"<{task}>", "exec"), inside.shell.user_ns)
    except Exception as error:
        told = inside.told(error)
        return SectionRun(
            task, "error", 0.1, CellError(**{**told, "through": tuple(told["through"])})
        )
    return SectionRun(task, "done", 0.1)
