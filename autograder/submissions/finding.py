"""Which file of a student's folder is the submission: the one with the right name, else one that
carries the assignment's cells.

Browsers and people rename: `toy (1).ipynb`, `Copy of toy.ipynb`, `toy-2.ipynb`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from autograder.errors import Unreadable
from autograder.showing import shown
from autograder.submissions.reading import MAX_FILE, read_submission

MOST_FILES = 8  # that are opened, the newest; together no more than one submission may have
_ENTRIES = 5_000  # of a folder
_NAMED = 4


@dataclass(frozen=True)
class Found:
    """Where the submission lies, which need not exist, and what is said to the student of that."""

    path: Path
    remarks: tuple[str, ...] = ()


def find_submission(expected: Path, template: Any) -> Found:
    """The file that is graded for `expected`.

    Raises:
        OSError: the folder can't be read.
    """
    if os.path.lexists(expected):
        return Found(expected)
    wanted = _wanted(template)
    found = [path for path in _newest(expected.parent) if _carries(path, wanted)]
    return Found(found[0], (_told(found, expected.name),)) if found else Found(expected)


def _told(found: list[Path], right: str) -> str:
    names = [f"«{shown(path.name, 60)}»" for path in found]
    if len(names) == 1:
        return f"your notebook is called {names[0]} and was taken; hand it in as «{right}»"
    return (
        f"{', '.join(names[:_NAMED])} all hold this assignment; {names[0]} was taken, the newest by"
        f" the times of the files; hand in one, as «{right}»"
    )


def _newest(folder: Path) -> Iterator[Path]:
    """Its notebooks, the newest first; of equally old ones the one that is numbered last."""
    found: list[tuple[int, Any, Path, int]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, _ENTRIES):
                if entry.name.endswith(".ipynb") and not entry.name.startswith("."):
                    info = entry.stat(follow_symlinks=False)
                    age = (info.st_mtime_ns, _numbered(entry.name))
                    found.append((*age, Path(entry.path), info.st_size))
    except (FileNotFoundError, NotADirectoryError):
        return
    room = MAX_FILE
    for *_, path, size in sorted(found, reverse=True)[:MOST_FILES]:
        room -= size
        if room >= 0:
            yield path


def _numbered(name: str) -> list[str | int]:
    """What sorts «(10)» behind «(9)»: text and number by turns."""
    parts = re.split(r"([0-9]{1,9})", name)
    return [int(part) if number % 2 else part for number, part in enumerate(parts)]


def _wanted(template: Any) -> list[set[str]]:
    """Of each cell that is the student's or carries points, what it may be recognised by."""
    roles = [(cell, cell.metadata.get("nbgrader", {})) for cell in template.cells]
    return [
        {cell.get("id", ""), role["grade_id"]}
        for cell, role in roles
        if role.get("solution") or role.get("grade") or role.get("task")
    ]


def _carries(path: Path, wanted: list[set[str]]) -> bool:
    """Whether it holds at least half of these cells: one or two may have been copied anywhere."""
    try:
        cells = read_submission(path).cells
    except Unreadable:
        return False
    there = {cell.id for cell in cells}
    there |= {cell.metadata["nbgrader"].grade_id for cell in cells if "nbgrader" in cell.metadata}
    return 0 < len(wanted) <= 2 * sum(bool(names & there) for names in wanted)
