"""Recipes: known submissions, each one file that says what it replaces and what it must score."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from autograder.errors import UsageError
from autograder.records import Status

_HEADER = re.compile(
    r'\A\s*r?"""(?P<title>[^\n]*)\n---\n(?P<toml>.*?)\n---\n\s*"""[ \t]*\n', re.DOTALL
)
_CELL = re.compile(r"^# %% (?P<task>\w+)[ \t]*$", re.MULTILINE)
_KEYS = {
    "assignment",
    "base",
    "score",
    "misconception",
    "hint_should_mention",
    "allowed_status",
    "marker",
}


@dataclass(frozen=True)
class Recipe:
    """One known submission and what must come of it."""

    path: Path
    title: str
    assignment: str
    cells: dict[str, str]  # task -> source of its solution cell
    base: str = "reference"  # where the other cells come from: "reference" or "release"
    # task -> range of the share of its points
    score: dict[str, tuple[float, float]] = field(default_factory=dict)
    misconception: dict[str, str] = field(default_factory=dict)
    hint_should_mention: str | None = None
    allowed_status: tuple[Status, ...] = ("graded",)
    marker: str | None = None  # a path that must not exist, or not change

    @property
    def name(self) -> str:
        """What the recipe is called in tables."""
        return self.path.stem


def read_bank(folder: Path) -> list[Recipe]:
    """All recipes in a folder, by name."""
    return [read_recipe(path) for path in sorted(folder.glob("*.py"))]


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file; its cells need not be Python.

    Raises:
        UsageError: the header or a key is not as described in the documentation of the format.
    """
    text = path.read_text(encoding="utf-8")
    header = _HEADER.match(text)
    if header is None:
        raise UsageError(
            f'{path}: expected """title, a line ---, TOML, a line ---, """ at the top, '
            f"found {text[:50]!r}"
        )
    try:
        wanted = tomllib.loads(header["toml"])
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"{path}: the block between the lines of --- is not TOML: {error}"
        ) from None
    if unknown := sorted(set(wanted) - _KEYS):
        raise UsageError(
            f"{path}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(_KEYS))}"
        )
    if "assignment" not in wanted:
        raise UsageError(f"{path}: the key assignment is missing")
    cells = _cells(text[header.end() :], path)
    if wanted.get("base", "reference") not in {"reference", "release"}:
        raise UsageError(f'{path}: base is "reference" or "release", not {wanted["base"]!r}')
    return Recipe(
        path=path,
        title=header["title"].strip(),
        assignment=wanted["assignment"],
        cells=cells,
        base=wanted.get("base", "reference"),
        score={task: _range(value, path) for task, value in wanted.get("score", {}).items()},
        misconception=wanted.get("misconception", {}),
        hint_should_mention=wanted.get("hint_should_mention"),
        allowed_status=cast("tuple[Status, ...]", tuple(wanted.get("allowed_status", ("graded",)))),
        marker=wanted.get("marker"),
    )


def submission(recipe: Recipe, base: Any) -> Any:
    """The base notebook with the recipe's cells in place of its solution cells.

    Raises:
        UsageError: a task of the recipe has no solution cell in the notebook.
    """
    notebook = base.copy()
    notebook.cells = [cell.copy() for cell in base.cells]
    by_task = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for task, source in recipe.cells.items():
        if task not in by_task:
            raise UsageError(f"{recipe.path}: there is no cell «{task}» in {recipe.assignment}")
        by_task[task].source = source
    return notebook


def _cells(body: str, path: Path) -> dict[str, str]:
    marks = list(_CELL.finditer(body))
    ends = [mark.start() for mark in marks[1:]] + [len(body)]
    cells = {
        mark["task"]: body[mark.end() : end].strip("\n")
        for mark, end in zip(marks, ends, strict=True)
    }
    if len(cells) < len(marks):
        raise UsageError(f"{path}: a task has two cells")
    return cells


def _range(value: float | list[float], path: Path) -> tuple[float, float]:
    low, high = value if isinstance(value, list) else (value, value)
    if not 0 <= low <= high <= 1:
        raise UsageError(
            f"{path}: a score is a share of the task's points between 0 and 1, "
            f"or [low, high]; found {value}"
        )
    return float(low), float(high)
