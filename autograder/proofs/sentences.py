"""What the words of a task ask for, and which checks ask about it (sentences.toml in the bank).

A table for each task: a phrase of its text, and the names of the checks that ask about it, or the
reason why none does. No sentence of the text may be left out, and no check may be asked for by
nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.proofs.proof import Proof
from autograder.tables import read_toml

FILE = "sentences.toml"
_MARK, _HINT = "**Task.**", "*Hint"
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`$«])")


@dataclass(frozen=True)
class Phrase:
    """A phrase of a task's text, and the checks that ask about it."""

    task: str
    text: str
    checks: tuple[str, ...]
    reason: str = ""  # why no check asks about it


def read_phrases(bank: Path, assignment: str) -> list[Phrase]:
    """All phrases of an assignment, in the order of the file.

    Raises:
        UsageError: the file is missing or not TOML.
    """
    tables, _ = read_toml(bank / assignment / FILE)
    return [
        Phrase(task, phrase, (), told)
        if isinstance(told, str)
        else Phrase(task, phrase, tuple(told))
        for task, phrases in tables.items()
        for phrase, told in phrases.items()
    ]


def unasked(proof: Proof, phrases: Sequence[Phrase]) -> Iterator[str]:
    """What is wrong with such a list, a line each: a sentence that it leaves out, a phrase that no
    text holds or about which nothing is said, a check that is not there or that nothing asks for.
    """
    checks, texts = _checks(proof), _sentences(proof)
    for task in proof.bench.hidden.graders:
        own = [one for one in phrases if one.task == task]
        for sentence in texts.get(task, ()):
            if not any(one.text in sentence for one in own):
                yield f"{task}: nothing is said about «{sentence}»"
        for one in own:
            if not any(one.text in sentence for sentence in texts.get(task, ())):
                yield f"{task}: its text does not say «{one.text}»"
            if not one.checks and not one.reason:
                yield f"{task}: no check asks about «{one.text}»"
        named = {check for one in own for check in one.checks}
        for check in sorted(named ^ checks[task]):
            told = "asks for what no phrase says" if check in checks[task] else "is not there"
            yield f"{task}: the check {check} {told}"


def _checks(proof: Proof) -> Mapping[str, set[str]]:
    """The names of the checks of each task."""
    return {
        task: {
            node.name
            for node in ast.parse(grader.path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        }
        for task, grader in proof.bench.hidden.graders.items()
    }


def _sentences(proof: Proof) -> Mapping[str, list[str]]:
    """The sentences of each task's text, its hints left out: of what comes after «**Task.**» in the
    last cell of words before its solution cell.
    """
    found: dict[str, list[str]] = {}
    said = ""
    for cell in proof.reference.cells:
        task = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "markdown" and _MARK in cell.source:
            said = cell.source.partition(_MARK)[2]
        elif task in proof.bench.hidden.graders:
            found[str(task)] = list(_split(said))
    return found


def _split(text: Any) -> Iterator[str]:
    for paragraph in (" ".join(part.split()) for part in text.split("\n\n")):
        if paragraph and not paragraph.startswith(_HINT):
            yield from _END.split(paragraph)
