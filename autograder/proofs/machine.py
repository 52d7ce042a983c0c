"""Machine-made submissions: mutants of the reference, each of which must lose points, and spellings
of it, each of which must get all.

Each is a known submission whose cell of one task is replaced; it is run in real rooms, asked and
judged about that task alone, and kept by its text, so that a second call has little to do.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from rich.console import Console

from autograder.errors import UsageError
from autograder.files import digest
from autograder.proofs.bank import Recipe
from autograder.proofs.comparing import named, share
from autograder.proofs.known import REFERENCE, Known, Result, known_submissions
from autograder.proofs.mutants import mutants, sample
from autograder.proofs.proof import Proof
from autograder.proofs.spellings import spell
from autograder.proofs.verify import OpenRooms, make_all, work_of
from autograder.records import read_verdict
from autograder.tables import Place, read_toml, record, unknown

SURVIVORS = "mutants.toml"  # in an assignment's folder of the bank
FEW = 6  # machine-made cells of a task that trains: each costs a training

Ending = Literal["lost points", "full marks", "equivalent", "allowed", "held back", "not judged"]


@dataclass(frozen=True)
class Made:
    """A machine-made cell."""

    task: str
    sort: str  # the operators of mutation, or the rewrites, that made it
    change: str  # in words
    source: str


@dataclass(frozen=True)
class Tried:
    """What became of a machine-made cell."""

    task: str
    sort: str
    change: str
    source: str
    ending: Ending
    share: float  # of the task's points
    mistakes: tuple[str, ...] = ()  # that were named
    found: str = ""  # the first check that was not passed, or why it was not judged
    reason: str = ""  # why it may keep all points


@dataclass(frozen=True)
class Survivor:
    """Mutants that may keep all points, and why."""

    task: str
    change: str  # a regular expression that is found in what they change
    kind: Literal["equivalent", "allowed"]  # it means the same; the task's words allow it
    reason: str


@dataclass(frozen=True)
class Survivors:
    """mutants.toml of an assignment."""

    # what may stand for a parameter, as Python, by function and parameter
    constants: Mapping[str, str] = field(default_factory=dict)
    survivor: tuple[Survivor, ...] = ()

    def explained(self, tried: Tried) -> Tried:
        """A mutant with the reason why it keeps all points, if it does and there is one."""
        for one in self.survivor:
            is_meant = one.task == tried.task and re.search(one.change, tried.change)
            if tried.ending == "full marks" and is_meant:
                return replace(tried, ending=one.kind, reason=one.reason)
        return tried


def read_survivors(bank: Path, proof: Proof) -> Survivors:
    """What the bank says about an assignment's mutants; nothing without a file.

    Raises:
        UsageError: the file is not as it should be.
    """
    path = bank / proof.name / SURVIVORS
    if not path.exists():
        return Survivors()
    table, place = read_toml(path)
    found = record(Survivors, table, place)
    for one in found.survivor:
        _demand(one, proof, place.inside("survivor"))
    return found


def mutants_of(proof: Proof, constants: Mapping[str, str], most: int, seed: int) -> list[Made]:
    """About so many of an assignment, each task with its share of them, and few of a task that
    trains.
    """
    found = []
    for task, source in cells(proof).items():
        chosen = sample(mutants(task, source, constants), _share(proof, task, most), seed)
        found += [Made(task, one.operator, one.change, one.source) for one in chosen]
    return found


def spellings_of(proof: Proof, most: int, seed: int) -> list[Made]:
    """About so many of an assignment, each task with its share of them, and few of a task that
    trains.
    """
    found: list[Made] = []
    for task, source in cells(proof).items():
        wanted, trains = _share(proof, task, most), _trains(proof, task)
        distinct: dict[str, Made] = {}
        for n in range(3 * wanted):
            if len(distinct) < wanted:
                one = spell(source, f"{task} {seed} {n}", trains)
                made = Made(task, ", ".join(one.rewrites), f"seed {seed}, number {n}", one.source)
                distinct.setdefault(one.source, made)
        found += distinct.values()
    return found


def cells(proof: Proof) -> dict[str, str]:
    """The reference's solution cells by task."""
    graders = proof.bench.hidden.graders
    found = {}
    for cell in proof.reference.cells:
        task = cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "code" and task in graders:
            found[str(task)] = str(cell.source)
    return found


def try_all(
    kind: str,
    made: Sequence[tuple[Proof, Made]],
    open_rooms: OpenRooms,
    jobs: int,
    console: Console,
) -> list[Tried]:
    """Run and judge cells of some `kind`, as far as what is stored of them does not hold.
    Interrupted at any point, the next call goes on where this one stopped.
    """
    known = [_known(kind, proof, one) for proof, one in made]
    bases = {proof.name: _reference(proof) for proof, _ in made}
    work = work_of([*bases.values(), *known])
    failed = make_all(work, open_rooms, jobs, console, kind) if work else {}
    found = []
    for (_, one), submission in zip(made, known, strict=True):
        result = failed.get(submission.folder)
        found.append(_failed(one, result) if result else _judged(one, submission))
    return found


# --- one of them -----------------------------------------------------------------------------


def _share(proof: Proof, task: str, most: int) -> int:
    trained = proof.bench.hidden.calibration
    quick = [one for one in proof.bench.hidden.graders if one not in trained]
    return min(most, FEW) if task in trained else -(-most // max(1, len(quick)))


def _trains(proof: Proof, task: str) -> bool:
    """Whether what a task's cell makes is trained, in the cell or by a question about it."""
    hidden = proof.bench.hidden
    asked = hidden.graders[task].questions(seed=0).values()
    return task in hidden.calibration or any("fit(" in str(one.get("code")) for one in asked)


def _reference(proof: Proof) -> Known:
    return next(one for one in known_submissions(proof) if one.recipe.name == REFERENCE)


def _known(kind: str, proof: Proof, made: Made) -> Known:
    name = f"({kind} {made.task} {digest(made.source)[:12]})"
    cell = {made.task: made.source}
    return Known(proof, Recipe(Path(f"{name}.py"), name, proof.name, cell), frozenset(cell))


def _judged(made: Made, known: Known) -> Tried:
    """What the stored verdict says."""
    verdict = read_verdict(known.folder / "verdict.json")
    task = next(one for one in verdict.tasks if one.task == made.task)
    left = [check for check in task.checks if check.ending != "passed"]
    got = share(task)
    if any(check.ending == "broken" for check in left):
        ending: Ending = "held back"
    else:
        ending = "full marks" if got == 1 else "lost points"
    told = f"{left[0].check}: {left[0].found}" if left else ""
    return Tried(**asdict(made), ending=ending, share=got, mistakes=named(task), found=told)


def _failed(made: Made, result: Result) -> Tried:
    return Tried(**asdict(made), ending="not judged", share=0.0, found=result.deviations[0].found)


def _demand(one: Survivor, proof: Proof, place: Place) -> None:
    """A misspelt task or pattern would never be found."""
    if one.task not in proof.bench.hidden.graders:
        raise UsageError(f"{place}: {unknown('task', one.task, proof.bench.hidden.graders)}")
    try:
        re.compile(one.change)
    except re.error as error:
        raise UsageError(f"{place}: «{one.change}» is no regular expression: {error}") from None
