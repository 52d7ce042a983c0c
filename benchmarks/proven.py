"""How the graders are proven: mutants, spellings, and what each task's words ask for.

    autograder mutate --json mutated.json
    autograder respell --json respelled.json
    python benchmarks/proven.py mutated.json respelled.json

Prints the page as Markdown and writes it to docs/proven.md. Exit status 1 where a mutant gets full
marks without a reason, a spelling loses points, or a sentence is asked about by no check; the page
is written all the same, and says so.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.course import own_course
from autograder.proofs.proof import Proof, read_proof
from autograder.proofs.sentences import Phrase, read_phrases, unasked

OWN = own_course()
PAGE = Path(__file__).parent.parent / "docs" / "proven.md"
OPENING = """# Proven graders

A bank of known submissions proves what its author thought of. Two machines think of the rest: `autograder mutate` makes
small wrong changes of each reference cell, `autograder respell` writes each in other words. Each of them runs in real
rooms, like a submission, and is asked and judged about its task. A mutant must lose points, a spelling must not.

*Made by `benchmarks/proven.py` out of what the two commands wrote with `--json`; not to be edited by hand.*
"""  # noqa: E501 — these are the lines of the page
MUTANTS = """## Mutants

«Equivalent» ones mean the same as the reference, «allowed» ones are right by the words of the task; which they are, and
why, stands in `mutants.toml` beside the recipes and below. «Unexplained» ones are faults of a grader. Of a task that
trains there are few: each costs a training.
"""  # noqa: E501
SPELLINGS = """## Spellings

«Held back» ones are left to a person, since it can't be established that they are right; nobody loses points for them.
"""  # noqa: E501
SENTENCES = """## What the words of a task ask for

Each phrase of a task's text that asks for something, and the checks that ask about it (`sentences.toml` beside the recipes;
a test holds that no sentence is left out).
"""  # noqa: E501
OF_MUTANTS = ("lost points", "held back", "equivalent", "allowed", "full marks", "not judged")
OF_SPELLINGS = ("full marks", "held back", "lost points", "not judged")
UNEXPLAINED = {"full marks": "unexplained"}

Tried = Mapping[str, Sequence[Mapping[str, Any]]]  # by assignment


def main(arguments: list[str]) -> int:
    """Read what the commands wrote, print and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mutated", type=Path, help="what `autograder mutate --json` wrote")
    parser.add_argument("respelled", type=Path, help="what `autograder respell --json` wrote")
    given = parser.parse_args(arguments)
    mutated: Tried = json.loads(given.mutated.read_text(encoding="utf-8"))
    respelled: Tried = json.loads(given.respelled.read_text(encoding="utf-8"))
    text = "\n".join(
        [
            OPENING, MUTANTS, *counted(mutated, OF_MUTANTS, UNEXPLAINED), "", *reasons(mutated),
            SPELLINGS, *counted(respelled, OF_SPELLINGS, {}), "", *sentences(),
        ]
    )  # fmt: skip
    print(text)
    PAGE.write_text(text, encoding="utf-8")
    left = [one for several in mutated.values() for one in several if one["ending"] == "full marks"]
    lost = [one for all_ in respelled.values() for one in all_ if one["ending"] == "lost points"]
    return int(bool(left or lost or any(faults())))


def counted(tried: Tried, endings: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    """How many ended how, task by task."""
    head = ["assignment", "task", "made", *(titles.get(ending, ending) for ending in endings)]
    rows = [head, ["---", "---", *["---:"] * (len(endings) + 1)]]
    total: Counter[str] = Counter()
    for assignment, several in tried.items():
        by_task: dict[str, Counter[str]] = {}
        for one in several:
            by_task.setdefault(one["task"], Counter())[one["ending"]] += 1
        for task, counts in by_task.items():
            rows.append([assignment, f"`{task}`", *numbers(counts, endings)])
            total += counts
    return table([*rows, ["all", "", *numbers(total, endings)]])


def numbers(counts: Counter[str], endings: Sequence[str]) -> list[str]:
    """All of them, and those of each ending."""
    return [str(counts.total()), *(str(counts[ending]) for ending in endings)]


def reasons(mutated: Tried) -> list[str]:
    """Why mutants may keep all points, and how many there are of each sort."""
    found: Counter[tuple[str, str, str]] = Counter()
    examples: dict[tuple[str, str, str], str] = {}
    for several in mutated.values():
        for one in several:
            if one["reason"]:
                key = (one["task"], one["ending"], one["reason"])
                found[key] += 1
                examples.setdefault(key, one["change"])
    rows = [["task", "kind", "mutants", "why", "for instance (line: change)"]]
    rows += [["---", "---", "---:", "---", "---"]]
    for key, number in sorted(found.items()):
        rows.append([f"`{key[0]}`", key[1], str(number), key[2], f"`{examples[key]}`"])
    return [*table(rows), ""]


def sentences() -> list[str]:
    """What each task's words ask for, and the checks."""
    asked = {name: read_phrases(OWN.bank, name) for name in OWN.assignments()}
    every = [one for several in asked.values() for one in several]
    answered = sum(bool(one.checks) for one in every)
    left = sum(not one.checks and not one.reason for one in every)
    told = len(every) - answered - left
    summary = (
        f"{answered} phrases are asked about, {told} ask for nothing that could be seen or are left"
        f" to the student, {left} are asked about by no check."
    )
    lines = [SENTENCES, summary, ""]
    for name, several in asked.items():
        rows = [["task", "phrase", "checks"], ["---"] * 3]
        rows += [[f"`{one.task}`", one.text, checks_of(one)] for one in several]
        lines += [f"### {name}", "", *table(rows), ""]
    return lines


def checks_of(one: Phrase) -> str:
    """The checks that ask about a phrase, or why none does."""
    return ", ".join(f"`{check}`" for check in one.checks) or f"*{one.reason or 'no check'}*"


def faults() -> Iterable[str]:
    """What is wrong with the lists of phrases."""
    for name in OWN.assignments():
        proof: Proof = read_proof(OWN, name, OWN.bank)
        yield from unasked(proof, read_phrases(OWN.bank, name))


def table(rows: Iterable[Sequence[str]]) -> list[str]:
    """A table in Markdown."""
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
