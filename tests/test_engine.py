"""The engine names no assignment, task, collection or backbone of this repository's course."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from answering import OWN

from autograder.course import read_assignment
from autograder.desk import course_part

PACKAGE = Path(__file__).parent.parent / "autograder"
OURS = {"graders", "vision", "own_course"}  # the course's, or made at once
BACKBONE = "minivgg"
GENERAL = {"unet": "a claim of the expressions, after Ronneberger et al. 2015"}
ENGINE = sorted(
    path
    for path in PACKAGE.rglob("*")
    if path.suffix in {".py", ".j2", ".css", ".toml", ".ipynb"}
    and path.relative_to(PACKAGE).parts[0] not in OURS
    and "__pycache__" not in path.parts
)
ASSIGNMENTS = set(OWN.assignments())
TASKS = {task.id for name in ASSIGNMENTS for task in read_assignment(OWN, name).tasks}
COLLECTIONS = set(course_part(OWN).COLLECTIONS)
# Names that are no words of English: nowhere at all, not in a comment either.
SPECIAL = {name for name in ASSIGNMENTS | TASKS if "_" in name} | {"capstone", BACKBONE}
# The others: no text and no name in the code that is just this.
PLAIN = (TASKS | COLLECTIONS) - SPECIAL - set(GENERAL)


def test_there_are_names_to_look_for() -> None:
    """The test below would find them."""
    assert {"residual_networks", "residual_block", "capstone", "minivgg"} <= SPECIAL
    assert {"siamese", "design", "fewshot", "shapes"} <= PLAIN
    assert len(ENGINE) > 100


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_the_engine_knows_no_course(path: Path) -> None:
    """What is about single assignments stands in their hidden folders."""
    text = path.read_text(encoding="utf-8")
    pattern = re.compile(rf"\b({'|'.join(sorted(SPECIAL))})\b")
    assert set(pattern.findall(text)) == set()
    if path.suffix == ".py":
        said = {node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
        assert {one for one in said if isinstance(one, str)} & PLAIN == set()
