"""Mutants and spellings of reference cells, and the list of what tasks ask for."""

import ast
import contextlib
from pathlib import Path

import pytest
from answering import OWN
from rich.console import Console
from toy import toy_course

from autograder.course import find_course
from autograder.errors import UsageError
from autograder.proofs.changes import Text, places
from autograder.proofs.machine import (
    Tried,
    cells,
    mutants_of,
    read_survivors,
    spellings_of,
    try_all,
)
from autograder.proofs.mutants import mutants, sample
from autograder.proofs.proof import Proof, read_proof
from autograder.proofs.sentences import read_phrases, unasked
from autograder.proofs.spellings import ALL, spell
from autograder.rooms.here import RoomsHere

CELL = '''def build(shape, width=16):
    """A «größe» in bytes, not in characters."""
    ### BEGIN SOLUTION
    inputs = keras.Input(shape)
    x = layers.Conv2D(width, 3, padding="same", activation="relu")(inputs)
    x = layers.Add()([x, inputs])
    return keras.Model(inputs, x)
    ### END SOLUTION
    raise NotImplementedError("build")
'''


@pytest.fixture(scope="module", params=sorted(OWN.assignments()))
def proof(request: pytest.FixtureRequest) -> Proof:
    return read_proof(OWN, request.param, OWN.bank)


def changes(source: str, constants: dict[str, str] | None = None) -> dict[str, str]:
    """What each mutant changes, and its operator."""
    return {one.change: one.operator for one in mutants("build", source, constants or {})}


@pytest.mark.parametrize(
    ("change", "operator"),
    [
        ('5: "same" → "valid"', "word"),
        ('5: "relu" → "softmax"', "word"),
        ("5: 3 → 4", "number"),
        ("5: width → (16)", "constant"),
        ("6: layers.Add()([x, inputs]) → x", "layer left out"),
        ("6: layers.Add()([x, inputs]) → inputs", "layer left out"),
        ("6: layers.Add → layers.Concatenate", "class"),
        ("6: x → inputs", "variable"),
        ("7: keras.Model(inputs, x) → keras.Model(x, inputs)", "arguments swapped"),
        ("7: return keras.Model(inputs, x) → keras.Model(inputs, x)", "statement left out"),
    ],
)
def test_a_small_wrong_change_is_among_the_mutants(change: str, operator: str) -> None:
    """Each sort of change that people make."""
    assert changes(CELL)[change] == operator


def test_a_parameter_without_default_is_replaced_by_the_constant_that_is_said() -> None:
    """An argument that is never varied shows nowhere else."""
    assert "4: shape → ((8, 8, 3))" in changes(CELL, {"build.shape": "(8, 8, 3)"})
    assert "4: shape → ((8, 8, 3))" not in changes(CELL)


def test_only_the_solution_is_changed_and_one_thing_at_a_time() -> None:
    """The signature, the docstring and the last line are the same in all mutants."""
    before = CELL.splitlines()
    for one in mutants("build", CELL, {}):
        after = one.source.splitlines()
        assert (after[:3], after[-2:]) == (before[:3], before[-2:])
        assert sum(x != y for x, y in zip(before, after, strict=True)) == 1


def test_no_mutant_is_the_reference(proof: Proof) -> None:
    """They are Python, and another program each."""
    for task, source in cells(proof).items():
        found = mutants(task, source, read_survivors(OWN.bank, proof).constants)
        trees = {ast.dump(ast.parse(one.source)) for one in found}
        assert ast.dump(ast.parse(source)) not in trees
        assert len(trees) > len(found) * 0.9


def test_a_sample_keeps_rare_operators() -> None:
    """However many variables there are."""
    found = mutants("build", CELL, {})
    operators = {one.operator for one in found}
    assert {one.operator for one in sample(found, len(operators), seed=3)} == operators
    assert sample(found, 5, seed=3) == sample(found, 5, seed=3)
    assert sample(found, 10_000, seed=3) == found


@pytest.mark.slow
def test_there_are_enough_of_each_assignment(proof: Proof) -> None:
    """As many mutants as the cells give, up to a few hundred; two hundred spellings."""
    assert len(mutants_of(proof, {}, most=240, seed=1)) >= 140
    assert len(spellings_of(proof, most=240, seed=1)) >= 200


def test_every_spelling_is_python_and_no_rewrite_is_idle(proof: Proof) -> None:
    """Each sort of rewrite is used somewhere; names are bound once and not mistaken."""
    for made in spellings_of(proof, most=60, seed=2):
        compile(made.source, made.task, "exec")
        assert made.sort


def test_each_rewrite_is_used_in_some_assignment() -> None:
    """One that never applies would prove nothing."""
    used: set[str] = set()
    for name in OWN.assignments():
        for source in cells(read_proof(OWN, name, OWN.bank)).values():
            every = list(places(ast.parse(source)))
            used |= {one.__name__ for one in ALL for place in every if list(one(place))}
    assert {one.__name__ for one in ALL} - used == set()


def test_the_same_seed_gives_the_same_spelling() -> None:
    """So that a fault can be found again."""
    assert spell(CELL, "7") == spell(CELL, "7")
    assert spell(CELL, "7") != spell(CELL, "8")


def test_columns_count_bytes() -> None:
    """A letter outside ASCII before a change on the same line."""
    source = 'größe = f("ä", 3)\n'
    number = next(p.node for p in places(ast.parse(source)) if getattr(p.node, "value", 0) == 3)
    assert Text(source).replaced(number, "4") == 'größe = f("ä", 4)\n'


SURVIVOR = """[[survivor]]
task = "audit"
change = 'float'
kind = "allowed"
reason = "a NumPy number is a number"
"""


def test_a_survivor_is_explained_by_its_entry(tmp_path: Path) -> None:
    """And only if it kept all points."""
    proof = read_proof(OWN, "capstone", OWN.bank)
    (tmp_path / "capstone").mkdir()
    (tmp_path / "capstone" / "mutants.toml").write_text(SURVIVOR, encoding="utf-8")
    survivors = read_survivors(tmp_path, proof)
    kept = Tried("audit", "word", "3: float(x) → x", "", "full marks", 1.0)
    assert survivors.explained(kept).ending == "allowed"
    lost = Tried("audit", "word", "3: float(x) → x", "", "lost points", 0.5)
    assert survivors.explained(lost) == lost


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"audit"', '"odit"', "did you mean «audit»"),
        ("'float'", "'('", "no regular expression"),
        ('"allowed"', '"fine"', "equivalent, allowed"),
    ],
)
def test_a_misspelt_entry_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    """It would explain nothing."""
    (tmp_path / "capstone").mkdir()
    text = SURVIVOR.replace(old, new)
    (tmp_path / "capstone" / "mutants.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_survivors(tmp_path, read_proof(OWN, "capstone", OWN.bank))


def test_mutants_lose_points_and_spellings_do_not(tmp_path: Path) -> None:
    """Run, asked and judged about their own task alone; a second call opens no room."""
    course = toy_course(tmp_path)
    (course.bank / "toy").mkdir(parents=True)
    recipe = (
        '"""Right.\n---\nassignment = "toy"\n---\n"""\n# %% double\ndef double(x): return x + x\n'
    )
    (course.bank / "toy" / "sum.py").write_text(recipe)
    proof = read_proof(find_course(course.root), "toy", course.bank)
    wrong, right = mutants_of(proof, {}, most=8, seed=1), spellings_of(proof, most=6, seed=1)
    quiet, here = Console(quiet=True), RoomsHere()
    made = [(proof, one) for one in wrong + right]
    tried = try_all("made", made, lambda: contextlib.nullcontext(here), 1, quiet)
    assert [one.ending for one in tried[len(wrong) :]] == ["full marks"] * len(right)
    assert {one.ending for one in tried[: len(wrong)]} == {"lost points"}
    assert {one.task for one in tried} == {"double", "triple"}
    for folder in proof.folder.glob("(made *)"):
        assert [kept.name for kept in (folder / "artefacts").iterdir()] == [folder.name.split()[1]]

    def closed() -> contextlib.nullcontext[RoomsHere]:
        raise AssertionError("a room is opened")

    assert try_all("made", made, closed, 1, quiet) == tried


def test_every_sentence_of_a_task_is_asked_about_by_a_check(proof: Proof) -> None:
    """Or there is a reason why not; and every check is asked for by a sentence."""
    assert list(unasked(proof, read_phrases(OWN.bank, proof.name))) == []


@pytest.mark.parametrize("trains", [False, True])
def test_names_that_no_training_step_can_carry_are_left_to_what_is_not_trained(
    trains: bool,
) -> None:
    """On TensorFlow, Keras can't train a layer whose name has spaces or letters that are not
    ASCII.
    """
    spelled = "".join(spell(CELL, f"{n}", trains).source for n in range(60))
    assert "block.{" in spelled
    assert ("größe {" in spelled, "my layer (" in spelled) == (not trains, not trains)
