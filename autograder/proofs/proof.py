"""What is verified: an assignment, its reference and its recipes, read and checked."""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat

from autograder.bench import Bench, open_bench
from autograder.course import Course
from autograder.desk import check_public
from autograder.errors import UsageError
from autograder.files import digest
from autograder.proofs.bank import Recipe, read_bank
from autograder.tables import unknown


@dataclass(frozen=True, eq=False)
class Proof:
    """An assignment and its known submissions."""

    bench: Bench
    recipes: tuple[Recipe, ...]
    reference: Any  # the notebook

    @property
    def name(self) -> str:
        """The assignment's."""
        return self.bench.name

    @property
    def folder(self) -> Path:
        """Run directories are made, and kept, in here."""
        return self.bench.course.runs / "verify" / self.name

    def base(self, name: str) -> Any:
        """The notebook that keeps the cells which a recipe does not replace."""
        return self.reference if name == "reference" else self.bench.template

    @cached_property
    def reference_digest(self) -> str:
        """A hash of all that counts of the reference's cells."""
        return digest(*(repr(_essence(cell)) for cell in self.reference.cells))


def read_proof(course: Course, name: str, bank: Path) -> Proof:
    """Everything that verifying an assignment takes.

    Raises:
        UsageError: the assignment, its hidden folder or its bank are not as they should be.
    """
    bench = open_bench(course, name)
    recipes = tuple(read_bank(bank, name))
    for recipe in recipes:
        _demand_known(recipe, bench)
        if recipe.added or recipe.hand_in:
            raise UsageError(f"{recipe.path} is an attack by more than answers: autograder attack")
    source = bench.assignment.source_path
    if not source.is_file():
        raise UsageError(f"{source} is missing: the reference solution")
    return Proof(bench, recipes, nbformat.read(source, as_version=4))


def demand_released(proof: Proof) -> None:
    """Stop, before anything runs, where a release is not what it should be.

    Raises:
        UsageError: its public checks raise, or its source has changed since.
    """
    bench = proof.bench
    check_public(bench.course, bench.name)
    if (cell := not_released(proof.reference, bench.template, bench.course)) is not None:
        raise UsageError(
            f"{bench.assignment.template_path} is not what {bench.assignment.source_path} gives,"
            f" beginning with the cell «{cell}»; run: autograder release {bench.name}"
        )


def not_released(source: Any, release: Any, course: Course) -> str | None:
    """The first cell of a source notebook that has changed since its release; None if none has."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions

    from autograder.grading.address import nbgrader_config

    asked, config = copy.deepcopy(source), nbgrader_config(course)
    for step in (ClearSolutions(config=config), ClearHiddenTests(config=config)):
        asked, _ = step.preprocess(asked, {})
    for now, then in itertools.zip_longest(asked.cells, release.cells):
        if now is None or then is None or _essence(now) != _essence(then):
            cell = now or then
            return str(cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id"))
    return None


def _essence(cell: Any) -> tuple[Any, ...]:
    role = cell.metadata.get("nbgrader", {})
    kept = [role.get(key) for key in ("grade_id", "grade", "solution", "task", "points")]
    return cell.cell_type, cell.source.strip(), kept


def _demand_known(recipe: Recipe, bench: Bench) -> None:
    """A misspelt task or misconception would never be compared."""
    for kind, names, known in (
        ("task", [*recipe.cells, *recipe.score, *recipe.misconception], bench.hidden.graders),
        ("hint for the misconception", recipe.misconception.values(), bench.hidden.hints),
    ):
        for name in names:
            if name not in known:
                raise UsageError(f"{recipe.path}: {unknown(kind, name, known)}")
