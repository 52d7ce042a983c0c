"""The feedback pages of many students, ours and those of nbgrader as it comes.

One submission is graded each way; the others are copies of what that left, entered in the
gradebook, so that only the making of pages is compared.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from measures.classes import UNDONE, make_class, students
from measures.shell import BIN, run
from measures.stock import make_course, nbgrader

ASSIGNMENT = "residual_networks"
FIRST = students(1)[0]


def make_pages(folder: Path, size: int) -> dict[str, Any]:
    """`nbgrader generate_feedback` for so many students, with our configuration and without."""
    course = make_class(folder / "class", ASSIGNMENT, UNDONE, 1)
    run(course.root, BIN / "autograder", "grade", ASSIGNMENT)
    stock = make_course(folder, ASSIGNMENT, UNDONE, 1)
    nbgrader(stock, "autograde", ASSIGNMENT, "--Execute.timeout=600")
    return {
        "submissions": size,
        "seconds": _pages(course.root, size),
        "stock_seconds": _pages(stock, size),
    }


def _pages(root: Path, size: int) -> float:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        for student in students(size)[1:]:
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission(ASSIGNMENT, student)
            for part in ("submitted/{}", "autograded/{}", f"runs/{ASSIGNMENT}/{{}}"):
                if (graded := root / part.format(FIRST)).is_dir():
                    shutil.copytree(graded, root / part.format(student))
    seconds = nbgrader(root, "generate_feedback", ASSIGNMENT, "--force").seconds
    made = len(list(root.glob(f"feedback/*/{ASSIGNMENT}/{ASSIGNMENT}.html")))
    if made != size:
        raise RuntimeError(f"expected {size} feedback pages in {root}, found {made}")
    return seconds
