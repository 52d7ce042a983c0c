"""The catalogue of misconceptions: each with its hint, where it is found,
and which known submissions trigger it.

    autograder verify --json verified.json
    python benchmarks/misconceptions.py verified.json […]

Prints the catalogue as Markdown and writes it to docs/misconceptions.md. Several results, one an
assignment or more, are taken together; results that leave out a recipe of the bank are not written.
Exit status 1 then, and where a misconception is triggered by no recipe or by one that is right.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course import own_course
from autograder.judge.hidden_side import HINTS
from autograder.judge.hints import Hint, read_hints
from autograder.proofs.bank import Recipe, read_bank
from autograder.proofs.known import REFERENCE, UNTOUCHED

OWN = own_course()
PAGE = Path(__file__).parent.parent / "docs" / "misconceptions.md"
OPENING = """# Misconceptions

When a check fails in a way that is known, the feedback names the mistake and gives its hint: one step, and a page to
read. This is the catalogue. A hint is written in `autograder/graders/<assignment>/hints.toml`, a grader names it by its
id, and a recipe in `tests/bank/<assignment>` makes the mistake as a student would and says which id must come of it.

Counted over the bank: how many recipes trigger the misconception, and how many of these are right and should not.

*Made by `benchmarks/misconceptions.py` out of the results of `autograder verify --json`; not to be edited by hand.*
"""  # noqa: E501 — these are the lines of the page
HEADINGS = ("id", "hint", "page", "found in", "recipes", "right ones")


@dataclass(frozen=True)
class Entry:
    """One misconception and what triggers it."""

    id: str
    hint: Hint
    tasks: tuple[str, ...]
    recipes: tuple[str, ...]
    right: tuple[str, ...]  # those among the submissions that should score full


def main(arguments: list[str]) -> int:
    """Read the results, print and write the catalogue."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "results", nargs="+", type=Path, help="what `autograder verify --json` wrote"
    )
    results: dict[str, list[dict[str, Any]]] = {}
    for path in parser.parse_args(arguments).results:
        results |= json.loads(path.read_text(encoding="utf-8"))
    found = {name: catalogue(name, results[name]) for name in sorted(results) if hints_of(name)}
    text = "\n".join(
        [OPENING, summary(found), *(section(name, entries) for name, entries in found.items())]
    )
    print(text)
    if missing := [recipe for name in found for recipe in unverified(name, results[name])]:
        print(f"{PAGE.name} is left as it is: no result for {', '.join(missing)}", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return int(
        any(entry.right or not entry.recipes for entries in found.values() for entry in entries)
    )


def catalogue(assignment: str, outcomes: Iterable[Mapping[str, Any]]) -> list[Entry]:
    """The misconceptions of an assignment in the order of its hints."""
    bank = {recipe.name: recipe for recipe in read_bank(OWN.bank, assignment)}
    named: dict[str, list[tuple[str, str]]] = {}
    for outcome in outcomes:
        for task, ids in outcome["misconceptions"].items():
            for identity in ids:
                named.setdefault(identity, []).append((task, outcome["name"]))
    right = {REFERENCE, *(name for name, recipe in bank.items() if is_right(recipe))}
    return [
        entry(identity, hint, named.get(identity, []), right)
        for identity, hint in hints_of(assignment).items()
    ]


def hints_of(assignment: str) -> dict[str, Hint]:
    """The hints of an assignment."""
    return read_hints(OWN.graders / assignment / HINTS)


def entry(identity: str, hint: Hint, named: Iterable[tuple[str, str]], right: set[str]) -> Entry:
    """One misconception, given the tasks and submissions in which it was named."""
    named = list(named)
    submissions = sorted({name for _, name in named} - {UNTOUCHED})
    triggering_right = tuple(name for name in submissions if name in right)
    return Entry(
        identity,
        hint,
        tuple(sorted({task for task, _ in named})),
        tuple(submissions),
        triggering_right,
    )


def unverified(assignment: str, outcomes: Iterable[Mapping[str, Any]]) -> list[str]:
    """The recipes in the bank of an assignment of which nothing is known."""
    known = {outcome["name"] for outcome in outcomes}
    return [recipe.name for recipe in read_bank(OWN.bank, assignment) if recipe.name not in known]


def is_right(recipe: Recipe) -> bool:
    """Whether a recipe should score full in every task."""
    return all(low == 1.0 for low, _ in recipe.score.values())


def summary(found: Mapping[str, list[Entry]]) -> str:
    """How many there are, and whether each is triggered as it should be."""
    entries = [entry for entries in found.values() for entry in entries]
    triggered = sum(bool(entry.recipes) for entry in entries)
    by_right = sum(bool(entry.right) for entry in entries)
    lines = [
        f"| {name} | {len(rows)} | {sum(bool(row.recipes) for row in rows)} "
        f"| {sum(bool(row.right) for row in rows)} |"
        for name, rows in found.items()
    ]
    table = [
        "| assignment | misconceptions | triggered by a recipe | triggered by a right one |",
        "| --- | ---: | ---: | ---: |",
    ]
    return "\n".join([*table, *lines, f"| all | {len(entries)} | {triggered} | {by_right} |", ""])


def section(assignment: str, entries: Iterable[Entry]) -> str:
    """The table of one assignment."""
    rows = ["| " + " | ".join(HEADINGS) + " |", "| --- | --- | --- | --- | ---: | ---: |"]
    for one in entries:
        tasks = ", ".join(f"`{task}`" for task in one.tasks) or "nowhere"
        cells = (
            f"`{one.id}`",
            one.hint.hint,
            one.hint.page,
            tasks,
            str(len(one.recipes)),
            str(len(one.right)),
        )
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([f"## {assignment}", "", *rows, ""])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
