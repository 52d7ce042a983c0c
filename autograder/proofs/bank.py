"""Recipes: known submissions, each one file that says what it replaces and what it must score."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import nbformat

from autograder.errors import UsageError
from autograder.records import Status
from autograder.showing import quoted, shown
from autograder.tables import Place, parse_toml, read_text, record

_HEADER = re.compile(
    r'\A\s*r?"""(?P<title>[^\n]*)\n---\n(?P<toml>.*?)\n---\n\s*"""[ \t]*\n', re.DOTALL
)
_CELL = re.compile(r"^# %% (?P<task>\w+|\(added\)|\(hand in\))[ \t]*$", re.MULTILINE)
ADDED, HAND_IN = "(added)", "(hand in)"  # of attacks only
Category = Literal[
    "", "reading", "forging", "escaping", "exhausting", "surviving", "markup", "beside", "malformed"
]


@dataclass(frozen=True)
class _Header:
    """What the block of TOML at the top of a recipe may say."""

    assignment: str
    base: Literal["reference", "release"] = "reference"
    score: Mapping[str, Any] = field(default_factory=dict)
    misconception: Mapping[str, str] = field(default_factory=dict)
    hint_should_mention: str = ""
    allowed_status: tuple[Status, ...] = ("graded",)
    marker: str = ""
    category: Category = ""
    incident_should_mention: str = ""


@dataclass(frozen=True)
class Recipe:
    """One known submission and what must come of it."""

    path: Path
    title: str
    assignment: str
    cells: dict[str, str]  # task -> source of its solution cell
    base: str = "reference"  # where the other cells come from: "reference" or "release"
    # task -> range of the share of its points
    score: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    misconception: Mapping[str, str] = field(default_factory=dict)
    hint_should_mention: str = ""
    allowed_status: tuple[Status, ...] = ("graded",)
    marker: str = ""  # a path that must not exist, or not change
    category: Category = ""  # of attacks: what it is after
    incident_should_mention: str = ""
    added: str = ""  # of attacks: a cell of the student's own, at the very top
    hand_in: str = ""  # of attacks: our code, which lays the submission out

    @property
    def name(self) -> str:
        """What the recipe is called in tables."""
        return self.path.stem

    @property
    def spoken_of(self) -> set[str]:
        """The tasks of which it says what must come of them; a score from 0 to 1 says nothing."""
        scores = {task for task, ends in self.score.items() if ends != (0.0, 1.0)}
        return scores | self.misconception.keys()


def read_bank(bank: Path, assignment: str) -> list[Recipe]:
    """All recipes of an assignment in a bank, by name: in its folder there, or in the bank itself.

    Raises:
        UsageError: there are none, or one of them is not as it should be.
    """
    own = [read_recipe(path) for path in sorted((bank / assignment).glob("*.py"))]
    if strange := [recipe for recipe in own if recipe.assignment != assignment]:
        raise UsageError(
            f"{strange[0].path} speaks of {shown(strange[0].assignment)}, but lies among the"
            f" recipes of {assignment}"
        )
    shared = [read_recipe(path) for path in sorted(bank.glob("*.py"))]
    found = own + [recipe for recipe in shared if recipe.assignment == assignment]
    if not found:
        raise UsageError(f"there are no recipes of {assignment} in {bank}")
    return found


def read_attacks(bank: Path) -> list[Recipe]:
    """All attacks and broken notebooks in a folder, by name.

    Raises:
        UsageError: there are none, or one of them is not as it should be.
    """
    found = [read_recipe(path) for path in sorted(bank.glob("*.py"))]
    if not found:
        raise UsageError(f"there are no attacks in {bank}")
    for recipe in found:
        if not recipe.category:
            raise UsageError(f"{recipe.path}: the key category is missing: what it is after")
    return found


def read_recipe(path: Path) -> Recipe:
    """The recipe in a file; its cells need not be Python.

    Raises:
        UsageError: the header or a key is not as described in the documentation of the format.
    """
    text = read_text(path)
    header = _HEADER.match(text)
    if header is None:
        raise UsageError(
            f'{path}:1: expected """title, a line ---, TOML, a line ---, """ at the top, '
            f"found {text[:50]!r}"
        )
    wanted, _ = parse_toml(header["toml"], str(path), text[: header.start("toml")].count("\n"))
    place = Place(str(path), text)
    found = record(_Header, wanted, place)
    score = {task: _range(value, place.inside("score")) for task, value in found.score.items()}
    fields = {one.name: getattr(found, one.name) for one in dataclasses.fields(found)}
    cells = _cells(text[header.end() :], path)
    return Recipe(
        path=path,
        title=header["title"].strip(),
        added=cells.pop(ADDED, ""),
        hand_in=cells.pop(HAND_IN, ""),
        cells=cells,
        **(fields | {"score": score}),
    )


def submission(recipe: Recipe, base: Any) -> Any:
    """The base notebook with the recipe's cells in place of its solution cells.

    Raises:
        UsageError: a task of the recipe has no solution cell in the notebook.
    """
    notebook = base.copy()
    notebook.cells = [cell.copy() for cell in base.cells]
    if recipe.added:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(recipe.added, id="added-at-the-top"))
    by_task = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
    for task, source in recipe.cells.items():
        if task not in by_task:
            raise UsageError(
                f"{recipe.path}: there is no cell «{task}» in {shown(recipe.assignment)}"
            )
        by_task[task].source = source
    return notebook


def _cells(body: str, path: Path) -> dict[str, str]:
    marks = list(_CELL.finditer(body))
    ends = [*(mark.start() for mark in marks[1:]), len(body)]
    cells = {
        mark["task"]: body[mark.end() : end].strip("\n")
        for mark, end in zip(marks, ends, strict=False)
    }
    if len(cells) < len(marks):
        raise UsageError(f"{path}: a task has two cells")
    return cells


def _range(value: Any, place: Place) -> tuple[float, float]:
    low, high = value if isinstance(value, list) and len(value) == 2 else (value, value)
    plain = all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high))
    if not plain or not 0 <= low <= high <= 1:
        raise UsageError(
            f"{place}: a score is a share of the task's points between 0 and 1, or [low, high];"
            f" found {quoted(value)}"
        )
    return float(low), float(high)
