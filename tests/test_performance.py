"""What grading costs: the classes that are measured, and the page made of the records."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from answering import OWN

from autograder.submissions.reading import read_submission

sys.path.insert(0, str(OWN.root / "benchmarks"))
classes, floor, page, stock = (
    importlib.import_module(f"measures.{name}") for name in ("classes", "floor", "page", "stock")
)
sys.path.pop(0)

UNDONE, REFERENCE = classes.KINDS
RECORD = {
    "submissions": 4,
    "seconds": 50.0,
    "startup_seconds": 10.0,
    "score": 1.0,
    "at": "2026-01-01",
    "busy": 0,
}
MACHINE = {"cores": 2, "memory_gib": 8, "python": "3", "keras": "3", "tensorflow": "2",
           "nbgrader": "0", "otter-grader": "7"}  # fmt: skip


def sources(notebook: Any) -> dict[str, str]:
    """What a notebook's cells say, by their names."""
    return {classes.name(cell): cell.source for cell in notebook.cells if classes.name(cell)}


def test_the_page_is_made_of_the_records(tmp_path: Path) -> None:
    """After a change: python benchmarks/performance.py."""
    stored = OWN.root / "benchmarks" / "performance.json"
    page.write(json.loads(stored.read_text(encoding="ascii")), tmp_path)
    for file in ("performance.md", "pictures/performance.svg"):
        assert (OWN.root / "docs" / file).read_text() == (tmp_path / file).read_text(), file


def test_a_class_is_reckoned_up_from_a_few() -> None:
    """Start-up once, the rest for each of sixteen."""
    assert page.class_seconds(RECORD) == 10 + 16 * 10


def test_a_class_that_was_measured_whole_is_shown_as_it_was() -> None:
    """Whatever of it was start-up."""
    assert page.class_seconds({**RECORD, "submissions": 16}) == 50


def test_targets_say_what_is_missed_and_what_nobody_has_measured() -> None:
    """The worst assignment counts."""
    measured = {
        page.entry(task, UNDONE, who): {**RECORD, "submissions": 16, "seconds": seconds}
        for task, fast in (("residual_networks", 10.0), ("capstone", 30.0))
        for who, seconds in ((page.STOCK, 150.0), (page.BESIDE, fast))
    }
    for record in measured.values():
        record["regrade_seconds"] = 1.0
    text = page.text({"machine": MACHINE, "measured": measured})
    assert "stock nbgrader / ours, two at a time | 5.00× | ≥ 10× | missed |" in text
    assert "| `autograder --help` | not measured yet | ≤ 0.3 s |  |" in text


@pytest.mark.parametrize("assignment", classes.TRAIN)
def test_nothing_trained_leaves_just_these_cells_as_released(assignment: str) -> None:
    """All others hold the reference solution, followed by who handed it in."""
    student = "student0003"
    undone, whole = (
        sources(classes.handed_in(OWN, assignment, kind, student)) for kind in classes.KINDS
    )
    released = sources(read_submission(OWN.template(assignment)))
    differ = {task for task in whole if undone[task] != whole[task]}
    assert differ == set(classes.TRAIN[assignment])
    assert {task: undone[task] for task in differ} == {task: released[task] for task in differ}
    assert all("### BEGIN SOLUTION" in whole[task] for task in differ)
    assert all(whole[task].endswith(f"\n# {student}") for task in differ)


def test_a_class_is_as_big_as_it_was_ordered(tmp_path: Path) -> None:
    """No two submissions alike."""
    course = classes.make_class(tmp_path, "capstone", UNDONE, 3)
    texts = {course.submission("capstone", student).read_text() for student in classes.students(3)}
    assert course.students("capstone") == classes.students(3)
    assert len(texts) == 3


@pytest.mark.parametrize("assignment", classes.TRAIN)
def test_stock_checks_what_the_public_checks_claim(assignment: str) -> None:
    """In each check cell a check that raises; all other cells are what the student handed in."""
    given = sources(classes.handed_in(OWN, assignment, REFERENCE, "student"))
    stocked = sources(stock.with_checks(classes.handed_in(OWN, assignment, REFERENCE, "student")))
    differ = {task for task in given if given[task] != stocked[task]}
    assert differ == {task for task in given if task.endswith("_check")}
    assert all(f'TASKS["{task.removesuffix("_check")}"]' in stocked[task] for task in differ)


def test_the_floor_runs_own_cells_and_what_they_use() -> None:
    """The data that a student's cell trains on, and no look, check or training of ours."""
    cells = floor.own_cells(classes.handed_in(OWN, "capstone", REFERENCE, "student"))
    named = [classes.name(cell) for cell in cells]
    assert [name for name in named if not name.endswith(("_seed", "_drawing"))] == [
        "setup", "data_load", "design", "audit", "resampling", "fair_model",
    ]  # fmt: skip
