"""Recipes: the format of known submissions, and how one becomes a notebook."""

from pathlib import Path

import nbformat.v4
import pytest
from answering import OWN, hints

from autograder.errors import UsageError
from autograder.proofs.bank import read_bank, read_recipe, submission

BANK = Path(__file__).parent / "bank"
ASSIGNMENTS = OWN.assignments()

TEXT = '''"""The projection forgets the stride.
---
assignment = "residual_networks"
[score]
residual_block = [0.1, 0.6]
unet = 0.5
[misconception]
residual_block = "projection_without_stride"
---
"""
# %% residual_block
def residual_block(x, filters, strides=1:
    return x
# %% unet
pass
'''


def write(folder: Path, text: str) -> Path:
    path = folder / "recipe.py"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_recipe_is_read_textually_so_its_cells_need_not_parse(tmp_path: Path) -> None:
    """A syntax error is a submission too."""
    recipe = read_recipe(write(tmp_path, TEXT))
    assert (
        recipe.cells["residual_block"] == "def residual_block(x, filters, strides=1:\n    return x"
    )
    assert recipe.cells["unet"] == "pass"


def test_a_score_is_a_number_or_a_range(tmp_path: Path) -> None:
    """A single number is the range of itself."""
    assert read_recipe(write(tmp_path, TEXT)).score == {
        "residual_block": (0.1, 0.6),
        "unet": (0.5, 0.5),
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'assignment = "residual_networks"',
            'asignment = "x"',
            "there is no key «asignment»; did you mean «assignment»",
        ),
        ("unet = 0.5", "unet = 1.5", "between 0 and 1"),
        ("---\nassignment", "assignment", "expected"),
        ("# %% unet", "# %% residual_block", "two cells"),
        ("unet = 0.5", "unet = ", "not TOML"),
    ],
)
def test_a_broken_header_is_named_with_its_file(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    """Errors say which recipe, what was expected, what was found."""
    with pytest.raises(UsageError, match=message) as error:
        read_recipe(write(tmp_path, TEXT.replace(old, new)))
    assert "recipe.py" in str(error.value)


def test_only_the_cells_of_the_recipe_are_replaced(tmp_path: Path) -> None:
    """The base keeps its other cells, and is itself not changed."""
    cells = [
        nbformat.v4.new_code_cell("old", metadata={"nbgrader": {"grade_id": name}})
        for name in ("unet", "other")
    ]
    base = nbformat.v4.new_notebook(cells=cells)
    text = TEXT.replace("# %% residual_block", "# %% other")
    made = submission(read_recipe(write(tmp_path, text)), base)
    assert [cell.source for cell in made.cells] == [
        "pass",
        "def residual_block(x, filters, strides=1:\n    return x",
    ]
    assert [cell.source for cell in base.cells] == ["old", "old"]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_bank_is_large_enough_and_a_third_of_it_is_right(assignment: str) -> None:
    """At least 25 recipes an assignment, a third of them correct in unusual spelling."""
    recipes = read_bank(BANK, assignment)
    right = [recipe for recipe in recipes if all(low == 1.0 for low, _ in recipe.score.values())]
    assert len(recipes) >= 25
    assert len(right) * 3 >= len(recipes)


def named_by_recipes(assignment: str) -> set[str]:
    """The misconceptions that the recipes of an assignment say they trigger."""
    return {
        named for recipe in read_bank(BANK, assignment) for named in recipe.misconception.values()
    }


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_each_misconception_has_a_recipe_and_each_recipe_a_known_one(assignment: str) -> None:
    """A hint that no known submission triggers may never be given;
    verification sees to it that they do trigger.
    """
    assert named_by_recipes(assignment) == set(hints(assignment))


def test_there_are_at_least_sixty_misconceptions() -> None:
    """Counted over all assignments, each with a recipe."""
    assert (
        sum(
            len(named_by_recipes(assignment) & set(hints(assignment))) for assignment in ASSIGNMENTS
        )
        >= 60
    )
