"""The bank of attacks: each file can be read, says what must come of it, and is no other's copy."""

from __future__ import annotations

import ast
import functools
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from answering import OWN

from autograder.errors import UsageError
from autograder.proofs.bank import Recipe, read_attacks

BANK = read_attacks(Path(__file__).parent / "attacks")
KINDS = {
    "reading", "forging", "escaping", "exhausting", "surviving", "markup", "beside", "malformed",
}  # fmt: skip
NAMES = {recipe.name for recipe in BANK}


def cells_of(recipe: Recipe) -> tuple[str, ...]:
    """All that a recipe brings, in the order of its tasks."""
    return (*(f"{k}\n{v}" for k, v in sorted(recipe.cells.items())), recipe.added, recipe.hand_in)


@functools.cache
def tasks_of(assignment: str) -> set[str]:
    """The ids of its solution cells, essays too."""
    cells = nbformat.read(OWN.source(assignment), as_version=4).cells
    marks = [cell.metadata.get("nbgrader", {}) for cell in cells]
    return {mark["grade_id"] for mark in marks if mark.get("solution")}


def test_there_are_enough_of_them() -> None:
    """At least 60 that mean harm and 40 that are broken or strange, in eight categories."""
    kinds = Counter(recipe.category for recipe in BANK)
    assert set(kinds) == KINDS
    assert kinds.total() - kinds["malformed"] >= 60
    assert kinds["malformed"] >= 40
    assert min(kinds.values()) >= 5


def test_no_two_are_the_same() -> None:
    """Neither the same cells nor the same title: one trick a file."""
    assert len({cells_of(recipe) for recipe in BANK}) == len(BANK)
    assert len({recipe.title for recipe in BANK}) == len(BANK)


@pytest.mark.parametrize("recipe", BANK, ids=lambda recipe: recipe.name)
def test_each_says_what_it_is_and_what_must_come_of_it(recipe: Recipe) -> None:
    """A title that is a sentence, tasks that its assignment has, and something that it does."""
    assert recipe.title.endswith(".")
    assert recipe.cells.keys() | recipe.score.keys() <= tasks_of(recipe.assignment)
    assert recipe.cells or recipe.added or recipe.hand_in


@pytest.mark.parametrize("recipe", [r for r in BANK if r.hand_in], ids=lambda r: r.name)
def test_code_that_hands_in_is_python_with_that_function(recipe: Recipe) -> None:
    """It is run with the instructor's rights, so it has to be there and to take three arguments."""
    functions = [n for n in ast.parse(recipe.hand_in).body if isinstance(n, ast.FunctionDef)]
    (hand_in,) = [one for one in functions if one.name == "hand_in"]
    assert [argument.arg for argument in hand_in.args.args] == ["folder", "name", "notebook"]


def test_an_empty_bank_is_an_error(tmp_path: Path) -> None:
    """Nothing tried is nothing proven."""
    with pytest.raises(UsageError, match="there are no attacks"):
        read_attacks(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "gradebook_behind_a_link", "hard_links_to_others", "pipe_beside", "socket_beside",
        "hole_of_four_hundred_megabytes", "thousands_of_files_beside", "shapes_that_lie",
        "nested_brackets", "deep_and_wide_folder", "writes_to_inherited_handles",
        "questions_are_kept", "added_cell_ends_the_kernel", "added_cell_never_ends",
        "added_cell_takes_all_memory", "thirty_six_megabytes_of_outputs",
        "hundred_twenty_megabytes_of_outputs", "old_attempt_as_a_raw_copy_above",
        "notes_as_a_text_copy_above", "marks_lost_and_two_attempts", "stub_switched_off",
        "merged_with_the_given_cell_above", "merged_with_the_check_below",
        "through_a_script_and_back", "helper_in_a_copy_of_a_given_cell",
        "imports_added_to_the_given_ones", "two_answers_in_one_cell",
    ],
)  # fmt: skip
def test_what_once_got_through_is_among_them(name: str) -> None:
    """Each of these has cost an honest point, or leaked something, once."""
    assert name in NAMES
