"""The hidden graders: one folder an assignment, one pytest file a task;
here is how they are found and read.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.errors import UsageError
from autograder.questions import to_data

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Grader:
    """What the rooms need to know of one grader file:
    its task, the tasks that it needs, its questions.
    """

    task: str
    path: Path
    needs: tuple[str, ...]
    module: Any

    def questions(self, seed: int) -> dict[str, dict[str, Any]]:
        """Its questions as data; the same seed gives the same questions,
        in the student room and in the judge's.
        """
        asked = self.module.questions(np.random.default_rng([seed, *self.task.encode()]))
        return {name: to_data(question) for name, question in asked.items()}


def graders(assignment: str, folder: Path = FOLDER) -> dict[str, Grader]:
    """The graders of an assignment by task.

    Raises:
        UsageError: there is no folder for it.
    """
    files = sorted((folder / assignment).glob("[!_]*.py"))
    if not files:
        raise UsageError(
            f"there are no graders for «{assignment}»: {folder / assignment} holds no grader file"
        )
    return {file.stem: _read(file) for file in files}


def dependents(tasks: set[str], found: dict[str, Grader]) -> set[str]:
    """The tasks together with all that need one of them, directly or through others."""
    grown = tasks | {name for name, grader in found.items() if tasks & set(grader.needs)}
    return grown if grown == tasks else dependents(grown, found)


def _read(path: Path) -> Grader:
    spec = importlib.util.spec_from_file_location(
        f"autograder.graders.{path.parent.name}.{path.stem}", path
    )
    if spec is None or spec.loader is None:  # only for names that are no modules
        raise UsageError(f"{path} can't be imported as a grader")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Grader(path.stem, path, tuple(getattr(module, "NEEDS", ())), module)
