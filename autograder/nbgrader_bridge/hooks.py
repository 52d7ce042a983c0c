"""nbgrader's hook that puts labkit beside the notebooks before they are converted, so git holds one
copy of it.
"""

from __future__ import annotations

from pathlib import Path

from autograder import desk
from autograder.course import find_course
from autograder.errors import AutograderError


def place_labkit(assignment: str, student: str, notebooks: list[str]) -> None:  # noqa: ARG001  # nbgrader's signature
    """A fresh copy of labkit in each folder of notebooks;
    `generate_assignment` then copies it into the release.

    Raises:
        SystemExit: public checks raise, or the course asks for real data that has not been
            prepared, or a file can't be read or written. Nbgrader goes on after any other error.
    """
    try:
        for folder in {Path(notebook).parent for notebook in notebooks}:
            course = find_course(folder)
            desk.check_public(course, assignment)
            desk.place_labkit(course, assignment, folder)
    except (AutograderError, OSError) as error:
        raise SystemExit(f"not released: {error}") from None
