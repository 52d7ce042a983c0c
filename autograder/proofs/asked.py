"""Which tasks a recipe is asked about, so that what is said of a task is what grading the same
notebook says.

A recipe replaces cells, and what leans on these may come out otherwise too: a task that needs one
of them by its own word, or whose cells or questions use what they bind, as the syntax tree shows.
Trained tasks (those with a calibrated threshold) cost a minute each. One that only leans on what
was replaced is left open, neither run nor compared nor shown, unless the recipe says what must come
of it, or it has to run for another that is asked about.
"""

from __future__ import annotations

from functools import lru_cache

from autograder.judge.hidden_side import dependents
from autograder.proofs.bank import Recipe, submission
from autograder.proofs.proof import Proof
from autograder.rooms.student import Order
from autograder.submissions.leaning import needed
from autograder.submissions.rebuilding import rebuild

Leaned = dict[str, set[str]]  # for each task those on which it leans directly


def asked_about(recipe: Recipe, proof: Proof) -> tuple[frozenset[str], frozenset[str]]:
    """The tasks that a recipe is asked about, and those that are left open."""
    hidden, leaned = proof.bench.hidden, _leaned(recipe, proof)
    replaced = set(recipe.cells)
    leaning = dependents(replaced, leaned) & hidden.graders.keys()
    sure = dependents(replaced, hidden.needs) | recipe.spoken_of
    wanted = {task for task in leaning if task in sure or task not in hidden.calibration}
    asked = frozenset(leaning & needed(wanted, leaned))
    return asked, frozenset(leaning - asked)


def order_of(recipe: Recipe, proof: Proof, seed: int = 0) -> Order:
    """All of a recipe's notebook is run, and asked about everything."""
    bench = proof.bench
    return Order(
        rebuild(bench.template, submission(recipe, proof.base(recipe.base))),
        proof.name,
        recipe.name,
        bench.hidden.questions(seed),
        bench.hidden.needs,
        seed,
        everything=bench.course.settings.given_cells == "all",
        libraries=bench.course.settings.rooms.libraries,
    )


def _leaned(recipe: Recipe, proof: Proof) -> Leaned:
    """As in its own notebook or in its base's, of whose names it may lack some."""
    own = order_of(recipe, proof).leaned
    base = _leaned_in_base(recipe.base, proof)
    return {task: own[task] | base[task] for task in own}


@lru_cache(maxsize=16)
def _leaned_in_base(base: str, proof: Proof) -> Leaned:
    whole = Recipe(proof.folder, "", proof.name, {}, base)
    return order_of(whole, proof).leaned
