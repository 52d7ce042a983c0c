"""Inside the judge room: runs grader files on one run.

A fork of the warm judge room calls it: Keras is imported there, but not yet in use.
"""

from __future__ import annotations

import dataclasses
import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import autograder.architecture.rebuild
import autograder.judge.answers
import autograder.judge.case
import autograder.judge.hidden  # noqa: F401 — what graders will use, for every fork to find here
from autograder.data.prepared import use
from autograder.judge.endings import Announcement, broken
from autograder.judge.hidden_side import HINTS, RECORD, read_calibration
from autograder.judge.hints import read_hints
from autograder.judge.plugin import Judging
from autograder.records import Check, read_run

_UNUSED = (
    "cacheprovider",
    "doctest",
    "faulthandler",
    "junitxml",
    "logging",
    "pastebin",
    "stepwise",
    "terminal",
    "threadexception",
    "unraisableexception",
)
_STARTING = "helpconfig setuponly setupplan skipping tracemalloc unittest warnings"
for _name in _STARTING.split():  # pytest imports them when it starts
    importlib.import_module(f"_pytest.{_name}")
_OPTIONS = (
    "--noconftest",
    "--assert=plain",
    "--capture=no",
    "--import-mode=importlib",
    f"--config-file={os.devnull}",
)


def run_graders(payload: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Run the grader files of the tasks on the run: {task: its "checks", and other tasks on which
    these "lean"}; JSON on both sides. Checks of tasks that are "taken" are known already.
    """
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):  # of whoever grades, for tests of their own
        os.environ.pop(name, None)
    os.environ.update(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", CUDA_VISIBLE_DEVICES="-1")
    # the same bits on any machine
    os.environ.update(TF_NUM_INTRAOP_THREADS="1", TF_NUM_INTEROP_THREADS="1")
    use(payload)
    run_dir, folder = Path(payload["run_dir"]), Path(payload["graders"])
    files = {task: folder / f"{task}.py" for task in payload["tasks"]}
    there = [str(path) for path in files.values() if path.exists()]
    judging = Judging(
        run_dir,
        read_run(run_dir / "run.json"),
        payload["secret"],
        Path(payload.get("store", ".")),
        read_calibration(folder / RECORD),
        read_hints(folder / HINTS),
    )
    for task, checks in payload.get("taken", {}).items():
        judging.checks[task] = [Check(**check) for check in checks]
    unused = [f"-pno:{name}" for name in _UNUSED]
    if there:
        # Without the second, pytest looks into all the folders above, and a closed room refuses it.
        places = [f"--rootdir={folder}", f"--confcutdir={folder}"]
        pytest.main([*there, *places, *_OPTIONS, *unused], plugins=[judging])
    return {
        task: {
            "checks": [dataclasses.asdict(check) for check in _complete(task, judging, folder)],
            "leans": sorted(judging.leans.get(task, set()) - {task}),
        }
        for task in files
    }


def _complete(task: str, judging: Judging, folder: Path) -> list[Check]:
    """The checks of a task; one that was collected and left no record is broken,
    and so is a task without checks.
    """
    checks = list(judging.checks.get(task, ()))
    silent = judging.collected.get(task, set()) - {check.check for check in checks}
    checks += [broken(not_run(name), "the check left no record") for name in sorted(silent)]
    if task in judging.problems or not checks:
        why = judging.problems.get(task, f"there is no grader {task}.py in {folder.name}")
        checks.append(broken(not_run("grader"), why))
    return checks


def not_run(check: str) -> Announcement:
    """What is known of a check that could not be run."""
    return Announcement(check, 1.0, "The grader of this task can be run.")
