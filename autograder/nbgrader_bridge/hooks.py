"""nbgrader's hook that puts `labkit` beside the notebooks before they are converted,
so git holds one copy of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import autograder.labkit
from autograder.course import find_course
from autograder.data.prepared import prepared, public_files
from autograder.errors import UsageError


def place_labkit(assignment: str, student: str, notebooks: list[str]) -> None:  # noqa: ARG001  # nbgrader's signature
    """A fresh copy of labkit in each folder of notebooks;
    `generate_assignment` then copies it into the release.

    Raises:
        SystemExit: the course asks for real data that has not been prepared. Nbgrader goes on after
            any other error.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        in_course = any((place / "course.toml").is_file() for place in folder.resolve().parents)
        try:
            data = public_files(prepared(find_course(folder))) if in_course else []
        except UsageError as error:
            raise SystemExit(f"not released: {error}") from None
        copy_labkit(folder, data)


def copy_labkit(folder: Path, data: Iterable[Path] = ()) -> Path:
    """Put labkit into `folder`, in place of what is there under that name;
    returns where it lies now.

    `data`: files of real data that it takes in the place of drawn scenes.
    """
    target = folder / "labkit"
    shutil.rmtree(target, ignore_errors=True)
    original = Path(autograder.labkit.__file__).parent
    shutil.copytree(original, target, ignore=shutil.ignore_patterns("__pycache__"))
    for file in data:
        (target / "real").mkdir(exist_ok=True)
        shutil.copy(file, target / "real")
    return target
