"""The course's structures, written in many ways and got wrong in many ways:
what does the checker make of each?

    python benchmarks/mutations.py [STRUCTURE …] [--json FILE] [--all]

For each structure (benchmarks/mutants): rewrites that keep its meaning, none of which should be
rejected; changes of its meaning, none of which should be accepted, and each of which should be
named by the student's own layer name nearest to it; and each change written in another way. Beside
stands a comparator of lists (list_comparator.py), which is counted to name a place where the entry
that it stops at is the declared layer's, although it prints no name. Models are small and have no
weights (`keras.StatelessScope`). Exit status 1 on any wrong verdict.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
from list_comparator import compare, summary
from mutants import ends, modules, residual, separable, siamese, transfer
from mutants.spelling import SPELLINGS, Spelling
from mutants.structure import Structure
from mutants.writer import Writer

from autograder.architecture import Architecture, match, read
from autograder.rooms.export import export

STRUCTURES: tuple[Structure, ...] = (
    *residual.STRUCTURES, *separable.STRUCTURES, *modules.STRUCTURES, *ends.STRUCTURES,
    *siamese.STRUCTURES, *transfer.STRUCTURES,
)  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """One model and what was said of it."""

    structure: str
    sort: str  # "rewrite", "change", or "rewritten change"
    what: str
    accepted: bool
    named: bool  # whether the message names the declared layer
    message: str
    list_accepts: bool
    list_names: bool
    settings_accept: bool  # the list comparator with settings


def main(arguments: list[str]) -> int:
    """Try everything and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "structures", nargs="*", help="names of structures; all where none is given"
    )
    parser.add_argument("--json", type=Path, help="write every trial into this file")
    parser.add_argument("--all", action="store_true", help="print every message")
    options = parser.parse_args(arguments)
    began = time.process_time()
    trials: list[Trial] = []
    print(HEADER)
    for structure in STRUCTURES:
        if not options.structures or structure.name in options.structures:
            found = list(trials_of(structure))
            trials += found
            print(row(structure.name, found), flush=True)
    print(row("all", trials))
    print(f"{len(trials)} models, {time.process_time() - began:.0f} s of CPU")
    wrong = [trial for trial in trials if trial.accepted != (trial.sort == "rewrite")]
    for trial in (
        trials
        if options.all
        else [*wrong, *(t for t in trials if t.sort == "change" and not t.named)]
    ):
        verdict = (
            "accepted"
            if trial.accepted
            else "rejected"
            if trial.named
            else "rejected, place not named"
        )
        print(
            f"\n{trial.structure}: {trial.sort} «{trial.what}» {verdict}\n    "
            + trial.message.replace("\n", "\n    ")
        )
    if options.json:
        options.json.write_text(
            json.dumps([asdict(t) for t in trials], indent=1, ensure_ascii=False), encoding="utf-8"
        )
    return int(bool(wrong))


HEADER = f"""{"":18}{"checker":^42}{"lists":^30}{"lists with settings":^20}
{"structure":18}{"rewrites":>10}{"changes":>10}{"named":>10}{"rewritten":>12}\
{"rewrites":>10}{"changes":>10}{"named":>10}\
{"rewrites":>10}{"changes":>10}"""


def row(name: str, trials: list[Trial]) -> str:
    """A line of the table: right verdicts of all, and places named of all."""
    rewrites, changes, again = (
        [t for t in trials if t.sort == sort] for sort in ("rewrite", "change", "rewritten change")
    )

    def share(of: list[Trial], right: Callable[[Trial], bool]) -> str:
        return f"{sum(map(right, of))}/{len(of)}"

    columns = (
        share(rewrites, lambda t: t.accepted),
        share(changes, lambda t: not t.accepted),
        share(changes, lambda t: t.named),
        share(again, lambda t: not t.accepted),
        share(rewrites, lambda t: t.list_accepts),
        share(changes, lambda t: not t.list_accepts),
        share(changes, lambda t: t.list_names),
        share(rewrites, lambda t: t.settings_accept),
        share(changes, lambda t: not t.settings_accept),
    )
    widths = (10, 10, 10, 12, 10, 10, 10, 10, 10)
    return f"{name:18}" + "".join(
        f"{text:>{width}}" for text, width in zip(columns, widths, strict=True)
    )


def trials_of(structure: Structure, every: int = 1) -> Iterator[Trial]:
    """All trials of a structure, or one of `every` so many."""
    reference = built(structure, Spelling(), "")
    lists = summary(reference), summary(reference, settings=True)
    known = {text_of(reference)}
    if wrong := "\n".join(complaints(structure, read(*known))):
        raise ValueError(f"{structure.name}: the reference is rejected\n{wrong}")
    for what, spelling in list(SPELLINGS.items())[::every]:
        model = built(structure, spelling, "")
        text = text_of(model)
        if text not in known:
            known.add(text)
            yield tried(structure, "rewrite", what, model, text, lists)
    for what in list(structure.changes)[::every]:
        model = built(structure, Spelling(), what)
        text = text_of(model)
        if text in known:
            raise ValueError(f"{structure.name}: the change «{what}» changes nothing")
        yield tried(structure, "change", what, model, text, lists)
        other = random.Random(f"{structure.name} {what}").choice(list(SPELLINGS.values()))
        model = built(structure, replace(other, style="usual"), what)
        yield tried(structure, "rewritten change", what, model, text_of(model), lists)


def built(structure: Structure, spelling: Spelling, change: str) -> Any:
    """A model without weights."""
    keras.backend.clear_session(free_memory=False)
    with keras.StatelessScope(initialize_variables=False):
        return structure.build(Writer(spelling), change)


def text_of(model: Any) -> str:
    """The model as the student room writes it down;
    it tells whether a spelling makes a difference.
    """
    return export(model, weights=False)[0]


def tried(
    structure: Structure, sort: str, what: str, model: Any, text: str, lists: tuple[Any, Any]
) -> Trial:
    """What checker and lists say of one model."""
    message = "\n".join(complaints(structure, read(text)))
    first, second = compare(model, lists[0]), compare(model, lists[1], settings=True)
    places = structure.changes.get(what, "").split("|")
    return Trial(
        structure.name,
        sort,
        what,
        not message,
        any(f"«{place}»" in message for place in places),
        message,
        first is None,
        first is not None and first.layer in places,
        second is None,
    )


def complaints(structure: Structure, arch: Architecture) -> Iterable[str]:
    """What is wrong by the structure's claims, in words."""
    for claim in structure.claims:
        if isinstance(claim, str):
            found = match(claim, arch)
            if not found.ok:
                yield f"expected {found.expected}\n  found {found.found}"
        elif wrong := claim(arch):
            yield wrong


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
