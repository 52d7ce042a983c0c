"""Known mistakes and what a good tutor says about them: one table each in
autograder/hints/<assignment>.toml.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from autograder.errors import UsageError

FOLDER = Path(__file__).parent.parent / "hints"


@dataclass(frozen=True)
class Hint:
    """One step towards the remedy of a misconception, and where to read on."""

    hint: str
    page: str

    def __str__(self) -> str:
        return f"{self.hint} (Read: {self.page})" if self.page else self.hint


@cache
def hints(assignment: str, folder: Path = FOLDER) -> dict[str, Hint]:
    """The hints of an assignment by the id of the misconception.

    Raises:
        UsageError: a table has other keys than `hint` and `page`.
    """
    path = folder / f"{assignment}.toml"
    if not path.exists():
        return {}
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    if strange := sorted(name for name, table in tables.items() if set(table) != {"hint", "page"}):
        raise UsageError(f"{path}: expected the keys hint and page, not so in {', '.join(strange)}")
    return {name: Hint(**table) for name, table in tables.items()}


def hint_for(assignment: str, misconception: str) -> Hint:
    """The hint for a misconception.

    Raises:
        UsageError: nobody has written one.
    """
    known = hints(assignment)
    if misconception not in known:
        raise UsageError(
            f"no hint is written for the misconception «{misconception}» of {assignment}"
        )
    return known[misconception]
