"""The results file is what its schema says, whatever became of the submissions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from toy import CLASS, RIGHT, grade_here, hand_in, toy_course

import autograder.grading.results as module
from autograder.cli.main import main
from autograder.course import Course
from autograder.records import Ending, Status

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

SCHEMA = json.loads(Path(module.__file__).with_name("results.schema.json").read_text())
BREAKS = {**RIGHT, "double": "1 / 0"}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The toy course with one of each kind, judged."""
    found = toy_course(tmp_path_factory.mktemp("class"))
    for student, cells in {**CLASS, "breaks": BREAKS}.items():
        if student != "hostile":  # there is no room around it here
            hand_in(found, student, cells)
    hand_in(found, "torn").write_text("no notebook")
    hand_in(found, "late").unlink()
    for student in found.students("toy"):
        grade_here(found, student)
    return found


def call(course: Course, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Any:
    """The results that the command writes."""
    monkeypatch.chdir(course.root)
    with pytest.raises(SystemExit):
        main(["grade", *arguments, "--shard", "1/1", "--json", "found.json"])
    return json.loads((course.root / "found.json").read_text())


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """All objects that a schema describes."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for part in schema.values():
            yield from objects(part)


def test_the_schema_is_one_and_allows_nothing_else() -> None:
    """Every key is named and must be there; kinds of ending and status are the records' own."""
    Draft202012Validator.check_schema(SCHEMA)
    kinds = SCHEMA["$defs"]
    assert len(list(objects(SCHEMA))) == 6
    for one in objects(SCHEMA):
        assert one["additionalProperties"] is False
        assert one["required"] == list(one["properties"])
    assert kinds["student"]["properties"]["status"]["enum"] == list(get_args(Status))
    assert kinds["check"]["properties"]["ending"]["enum"] == list(get_args(Ending))


def test_the_results_of_a_class_are_as_the_schema_says(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Graded, failed, unreadable, missing."""
    found = call(course, monkeypatch, "toy")
    Draft202012Validator(SCHEMA).validate(found)
    assert [one["status"] for one in found["students"]] == [
        "graded", "missing", "graded", "unreadable", "graded",
    ]  # fmt: skip
    Draft202012Validator(SCHEMA).validate(json.loads((course.runs / "toy.json").read_text()))


def test_several_assignments_are_a_list(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the same."""
    found = call(course, monkeypatch, "toy", "toy")
    assert [one["assignment"] for one in found] == ["toy", "toy"]
    Draft202012Validator(SCHEMA).validate(found)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("generated_at",), "yesterday"),
        (("isolation",), "perhaps"),
        (("more",), 1),
        (("students", 0, "score"), -1.0),
        (("students", 0, "status"), "fine"),
        (("students", 0, "grade", "state"), "perhaps"),
        (("students", 0, "grade", "marks", 0, "by_hand"), 1),
        (("students", 0, "tasks", 0, "more"), 1),
        (("students", 0, "tasks", 0, "checks", 0, "ending"), "half"),
        (("students", 0, "tasks", 0, "checks", 0, "hint"), None),
    ],
)
def test_anything_else_is_refused(
    course: Course, monkeypatch: pytest.MonkeyPatch, place: tuple[str | int, ...], value: object
) -> None:
    """Wherever it stands."""
    found = call(course, monkeypatch, "toy")
    inside = found
    for step in place[:-1]:
        inside = inside[step]
    inside[place[-1]] = value
    assert not Draft202012Validator(SCHEMA).is_valid(found)
