"""nbgrader's hook that puts `labkit` beside the notebooks before they are converted, so git holds one copy of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import autograder.labkit


def place_labkit(assignment: str, student: str, notebooks: list[str]) -> None:  # noqa: ARG001  # nbgrader's signature
    """A fresh copy of labkit in each folder of notebooks; `generate_assignment` then copies it into the release."""
    for folder in {Path(notebook).parent for notebook in notebooks}:
        copy_labkit(folder)


def copy_labkit(folder: Path) -> Path:
    """Put labkit into `folder`, in place of what is there under that name; returns where it lies now."""
    target = folder / "labkit"
    shutil.rmtree(target, ignore_errors=True)
    original = Path(autograder.labkit.__file__).parent
    shutil.copytree(original, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target
