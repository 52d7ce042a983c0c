"""How well copies are found by `autograder alike`, and how often those who wrote for themselves are
asked about.

    python benchmarks/alike.py [ASSIGNMENT …] [--students 40] [--students 400] [--json FILE]

A class for each task of the bank: its recipes, each once and at most for half of the class, and
the reference spelled otherwise, by another seed each. So all have one origin, the recipes even one
author, and are more alike than a class is. A tenth of the class are copies of others, disguised in
one of five ways. Nothing is run. Prints a row for each task, then the sums by disguise.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder.course import own_course
from autograder.grading.likeness import compare, tokens_of
from autograder.proofs.bank import read_bank
from autograder.proofs.spellings import spell

OWN = own_course()


@dataclass(frozen=True)
class Row:
    """A task's class."""

    assignment: str
    task: str
    compared: int
    planted: Mapping[str, int]  # copies by disguise
    found: Mapping[str, int]
    alarms: int  # pairs of whom neither copied, nor both are recipes
    of_one_author: int  # pairs of recipes
    seconds: float


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("assignments", nargs="*")
    parser.add_argument("--students", type=int, action="append")
    parser.add_argument("--json", type=Path)
    wish = parser.parse_args(arguments)
    names = wish.assignments or OWN.assignments()
    rows = {size: list(map(tell, measure(names, size))) for size in wish.students or [40, 400]}
    for size, found in rows.items():
        sums(size, found)
    if wish.json:
        wish.json.write_text(json.dumps({n: [asdict(r) for r in f] for n, f in rows.items()}))
    return 0


def measure(assignments: list[str], size: int) -> Iterator[Row]:
    """All tasks in which there is code to compare."""
    for assignment in assignments:
        for task in solutions(OWN.source(assignment)):
            yield one_class(assignment, task, size)


def solutions(path: Path) -> dict[str, str]:
    """The solution cells of a notebook by task."""
    notebook = nbformat.read(path, as_version=4)
    return {
        cell.metadata.nbgrader.grade_id: cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def one_class(assignment: str, task: str, size: int) -> Row:
    chance = random.Random(f"{assignment} {task} {size}")
    reference = solutions(OWN.source(assignment))[task]
    bank = [one.cells[task] for one in read_bank(OWN.bank, assignment) if task in one.cells]
    recipes = chance.sample(bank, min(len(bank), size // 2))
    spelled = [spell(reference, f"{task} {n}").source for n in range(size - len(recipes))]
    honest = [*recipes, *spelled]
    able = [place for place, source in enumerate(honest) if is_python(source)]
    copied = chance.sample(able, min(len(able), max(5, size // 10)))
    ways = [list(DISGUISES)[number % len(DISGUISES)] for number in range(len(copied))]
    copies = [DISGUISES[way](honest[p], chance) for way, p in zip(ways, copied, strict=True)]
    began = time.perf_counter()
    given = "\n\n".join(cell.source for cell in nbformat.read(OWN.template(assignment), 4).cells
                        if cell.cell_type == "code")  # fmt: skip
    texts = [tokens_of(source, "code") for source in [*honest, *copies]]
    found = compare(texts, tokens_of(given, "code"), "code")
    seconds = time.perf_counter() - began
    truth = {(p, len(honest) + n): way for n, (p, way) in enumerate(zip(copied, ways, strict=True))}
    others = [pair.places for pair in found.pairs if pair.places not in truth]
    authors = [max(places) < len(recipes) for places in map(sources(copied, honest), others)]
    return Row(
        assignment,
        task,
        found.compared,
        dict(Counter(ways)),
        dict(Counter(truth[pair.places] for pair in found.pairs if pair.places in truth)),
        authors.count(False),
        authors.count(True),
        round(seconds, 2),
    )


def sources(copied: list[int], honest: list[str]) -> Callable[[tuple[int, int]], tuple[int, int]]:
    """From a pair to the places of those whom they copied, or of themselves."""
    return lambda places: tuple(
        place if place < len(honest) else copied[place - len(honest)] for place in places
    )  # type: ignore[return-value]


# --- disguises -----------------------------------------------------------------------------------


def is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def renamed(source: str, chance: random.Random) -> str:
    """Every name that is bound in it, but for what the task asks for; laid out anew as well."""
    tree = ast.parse(source)
    asked = {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)}
    bound = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names = {name: f"{name[0]}{chance.randint(10, 99)}" for name in sorted(bound - asked)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = names.get(node.arg, node.arg)
    return ast.unparse(tree)


def reordered(source: str, chance: random.Random) -> str:
    """Neighbouring statements that have nothing to do with each other, and functions, swapped."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body: Any = getattr(node, "body", None)
        for place in range(len(body) - 1 if isinstance(body, list) else 0):
            one, other = body[place : place + 2]
            bound = names(one, ast.Store) & names(other) or names(other, ast.Store) & names(one)
            if not bound and not isinstance(other, ast.Return) and chance.random() < 0.8:
                body[place : place + 2] = [other, one]
    return ast.unparse(tree)


def names(node: ast.AST, context: Any = (ast.Load, ast.Store)) -> set[str]:
    return {
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, context)
    }


def commented(source: str, chance: random.Random) -> str:
    """A comment of one's own behind each line."""
    lines = source.splitlines()
    return "\n".join(
        line if line.endswith(("\\", '"""')) or not line.strip() else f"{line}  # {chance.random()}"
        for line in lines
    )


def all_of_it(source: str, chance: random.Random) -> str:
    return commented(renamed(reordered(source, chance), chance), chance)


DISGUISES: dict[str, Callable[[str, random.Random], str]] = {
    "as it is": lambda source, _: source,
    "renamed": renamed,
    "reordered": reordered,
    "commented": commented,
    "all of these": all_of_it,
}


# --- telling -------------------------------------------------------------------------------------


def tell(row: Row) -> Row:
    planted, found = sum(row.planted.values()), sum(row.found.values())
    print(
        f"{row.assignment:18} {row.task:24} {row.compared:4} compared  copies {found:2} of"
        f" {planted:2}  others {row.alarms:2}  of one author {row.of_one_author:2}"
        f"  {row.seconds:6.2f} s",
        flush=True,
    )
    return row


def sums(size: int, rows: list[Row]) -> None:
    planted, found = Counter[str](), Counter[str]()
    for row in rows:
        planted.update(row.planted)
        found.update(row.found)
    by_way = ", ".join(f"{way} {found[way]} of {planted[way]}" for way in DISGUISES)
    pairs = sum(row.compared * (row.compared - 1) // 2 for row in rows)
    print(
        f"{size} students, {len(rows)} tasks: copies {found.total()} of {planted.total()}"
        f" ({by_way}); {sum(row.alarms for row in rows)} other pairs and"
        f" {sum(row.of_one_author for row in rows)} of one author, of {pairs};"
        f" {sum(row.seconds for row in rows):.0f} s"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
