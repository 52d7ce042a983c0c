"""`verify` says of a known submission what `grade` says of the same notebook, task by task: a
sample of the bank in real rooms, with data so few that training costs next to nothing.
"""

from __future__ import annotations

import dataclasses
import secrets
import threading
from collections.abc import Iterator

import nbformat
import pytest
from answering import OWN

from autograder.course import Course
from autograder.files import write
from autograder.grading import stages
from autograder.proofs.bank import submission
from autograder.proofs.known import Known, ensure, known_submissions, result
from autograder.proofs.proof import Proof, read_proof
from autograder.records import TaskVerdict, Verdict, read_run, read_verdict
from autograder.rooms.seam import Rooms
from autograder.sample import lay_out

pytestmark = pytest.mark.slow

# Where a trained task leans on what is replaced, where its own cell leans on an earlier answer,
# where a grader looks at another task's answers, and a cell that is no Python.
SAMPLE = {
    "capstone": ["design_with_scores_at_its_end"],
    "functional_api": [
        "localizer_with_outputs_of_other_names",
        "trained_through_earlier_functions",
    ],
    "residual_networks": ["trained_on_blocks_that_add_nothing", "syntax_error"],
    "transfer_learning": ["features_pooled_outside"],
}
FEW = """

_draw_all = draw


def draw(collection: str, seed: int | str, n: int) -> Scenes:
    return _draw_all(collection, seed, min(n, 48))
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Our course with 48 scenes where there are thousands, for students and judge."""
    found = lay_out(OWN, tmp_path_factory.mktemp("few"), SAMPLE)
    scenes = found.root / "labkit_course" / "scenes.py"
    write(scenes, scenes.read_text(encoding="utf-8") + FEW)
    return found


@pytest.fixture(scope="module")
def rooms(course: Course) -> Iterator[Rooms]:
    """Rooms for all of them."""
    with stages.open_rooms(course) as found:
        yield found


def graded(known: Known, rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> Verdict:
    """What `grade` says, drawn from the seed with which it was verified."""
    proof, name = known.proof, known.recipe.name
    notebook = submission(known.recipe, proof.base(known.recipe.base))
    path = proof.bench.course.submission(proof.name, name)
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)
    seed = read_run(known.folder / "run.json").seed
    monkeypatch.setattr(secrets, "randbits", lambda _: seed)
    return stages.ensure_verdict(proof.bench, name, rooms)


def checks(task: TaskVerdict) -> list[tuple[str, str, str | None]]:
    """Of each check its ending, and the mistake that it names."""
    return sorted((check.check, check.ending, check.misconception) for check in task.checks)


@pytest.mark.parametrize("assignment", SAMPLE)
def test_verify_and_grade_agree(
    course: Course, rooms: Rooms, assignment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of every task, once the recipe says that something must come of each."""
    proof = everything_told(read_proof(course, assignment, course.bank))
    bases = [one for one in known_submissions(proof) if one.recipe.name == "(reference)"]
    recipes = [one for one in known_submissions(proof) if one.recipe.cells]
    assert len(recipes) == len(SAMPLE[assignment])
    for one in (*bases, *recipes):
        ensure(one, rooms, threading.Event())
    for one in recipes:
        found = graded(one, rooms, monkeypatch)
        shares = {task.task: task.score / task.max_score for task in found.tasks}
        assert result(one).shares == pytest.approx(shares), one.recipe.name
        verified = read_verdict(one.folder / "verdict.json")
        assert list(map(checks, verified.tasks)) == list(map(checks, found.tasks)), one.recipe.name


def everything_told(proof: Proof) -> Proof:
    """The sample, each recipe with some expectation of every task, so that none is left open."""
    told = dict.fromkeys(proof.bench.hidden.graders, (0.0, 0.5))
    return dataclasses.replace(
        proof,
        recipes=tuple(
            dataclasses.replace(recipe, score=told)
            for recipe in proof.recipes
            if recipe.name in SAMPLE[proof.name]
        ),
    )
