"""Known mistakes and what a good tutor says about them: one table each in a hints.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder import tables
from autograder.errors import UsageError


@dataclass(frozen=True)
class Hint:
    """One step towards the remedy of a misconception, and where to read on."""

    hint: str
    page: str = ""

    def __str__(self) -> str:
        return f"{self.hint} (Read: {self.page})" if self.page else self.hint


def read_hints(path: Path) -> dict[str, Hint]:
    """The hints in a file by the id of the misconception; none without a file.

    Raises:
        UsageError: a hint stands outside of a table, which names its misconception, or a table has
            other keys than `hint` and `page`.
    """
    if not path.exists():
        return {}
    given, place = tables.read_toml(path)
    for name, table in given.items():
        if not isinstance(table, Mapping):
            raise UsageError(
                f"{place.inside(name)}: expected a table [id-of-the-misconception] around it"
            )
    return {name: tables.record(Hint, table, place.inside(name)) for name, table in given.items()}


def hint_for(hints: Mapping[str, Hint], misconception: str) -> Hint:
    """The hint for a misconception.

    Raises:
        UsageError: nobody has written one.
    """
    if misconception not in hints:
        raise UsageError(f"no hint is written for the misconception «{misconception}»")
    return hints[misconception]
