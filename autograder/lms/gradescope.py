"""Gradescope's `results.json`: a row for each check, with what the feedback page says of it.

Source of the format: gradescope-autograders.readthedocs.io, «Autograder specifications».
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args

from autograder.grading.grades import Mark
from autograder.grading.points import DIGITS, points_by_check
from autograder.grading.wording import ENDINGS, STATUSES, told_expected, told_found, told_hint
from autograder.records import Check, TaskVerdict, Verdict
from autograder.showing import shown

Visibility = Literal["visible", "hidden", "after_due_date", "after_published"]
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)
_LINE = 2_000  # characters


def gradescope_results(
    verdict: Verdict,
    *,
    visibility: Visibility = "visible",
    marks: Sequence[Mark] = (),
    penalty: float = 0.0,
) -> dict[str, Any]:
    """What Gradescope shows of a verdict, and the score that it books.

    The points of the rows, less the late `penalty`, are exactly the score. A check that waits for a
    person has no points; the caller decides whether such a verdict is given back at all. Nothing
    is in it that is not on the feedback page.
    """
    by_task = {mark.task: mark for mark in marks}
    rows = [
        row
        for number, task in enumerate(verdict.tasks, 1)
        for row in _rows(number, task, by_task.pop(task.task, None))
    ]
    rows += [_mark(len(verdict.tasks) + n, mark) for n, mark in enumerate(by_task.values(), 1)]
    reached = round(sum(row.get("score", 0.0) for row in rows), DIGITS)
    said = [STATUSES[verdict.status], *verdict.remarks]
    if penalty:
        said.append(f"Late: {penalty:g} of {reached:g} points are taken off.")
    return {
        "score": round(max(0.0, reached - penalty), DIGITS),
        "execution_time": round(verdict.seconds),
        "output": _text(said),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "tests": [{**row, "visibility": visibility} for row in rows],
    }


def _rows(number: int, task: TaskVerdict, mark: Mark | None) -> Iterator[dict[str, Any]]:
    if not task.checks and mark is None:
        mark = Mark(task.task, task.score, task.max_score)
    if mark is not None:
        yield _mark(number, mark)
    for place, (check, share) in enumerate(zip(task.checks, points_by_check(task), strict=True), 1):
        yield {
            "name": shown(f"{task.task}: {check.sentence}", _LINE),
            "number": f"{number}.{place}",
            "output": _text(_said(check)),
            **_status(check),
            **(dataclasses.asdict(share) if share and mark is None else {}),
        }


def _mark(number: int, mark: Mark) -> dict[str, Any]:
    return {
        "name": shown(mark.task, _LINE),
        "number": str(number),
        "score": round(mark.score, DIGITS),
        "max_score": round(mark.max_score, DIGITS),
    }


def _status(check: Check) -> dict[str, str]:
    """Gradescope knows two; what waits for a person is neither."""
    if check.ending == "broken":
        return {}
    return {"status": "passed" if check.ending == "passed" else "failed"}


def _said(check: Check) -> list[str]:
    told = (
        ("expected", told_expected(check)),
        ("found", told_found(check)),
        (told_hint(check), check.hint),
    )
    return [ENDINGS[check.ending], *(f"{name}: {text}" for name, text in told if text)]


def _text(paragraphs: Sequence[str]) -> str:
    lines = [line for text in paragraphs for line in text.splitlines()]
    return "\n".join(shown(line, _LINE) for line in lines)
