"""Gradescope's `results.json`: a row for each check, with what the feedback page says of it.

Source of the format: gradescope-autograders.readthedocs.io, «Autograder specifications».
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from autograder.grading.wording import ENDINGS, STATUSES, told_expected, told_found, told_hint
from autograder.records import Check, TaskVerdict, Verdict
from autograder.showing import shown

Visibility = Literal["visible", "hidden", "after_due_date", "after_published"]
DIGITS = 4  # of points, as in a verdict
_LINE = 2_000  # characters


@dataclass(frozen=True)
class Mark:
    """What the gradebook has for a task in the place of its verdict: a person's mark."""

    task: str
    score: float
    max_score: float


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


def shared_out(points: float, weights: Sequence[float]) -> list[float]:
    """The points in proportion to the weights, to four digits, with exactly this sum."""
    unit = 10**DIGITS
    whole, total = round(points * unit), sum(weights)
    if total <= 0:
        return [0.0] * len(weights)
    shares = [whole * weight / total for weight in weights]
    down = [int(share) for share in shares]
    by_rest = sorted(range(len(weights)), key=lambda place: down[place] - shares[place])
    for place in by_rest[: whole - sum(down)]:
        down[place] += 1
    return [share / unit for share in down]


def _rows(number: int, task: TaskVerdict, mark: Mark | None) -> Iterator[dict[str, Any]]:
    if not task.checks and mark is None:
        mark = Mark(task.task, task.score, task.max_score)
    if mark is not None:
        yield _mark(number, mark)
    points = _points(task) if mark is None else {}
    for place, check in enumerate(task.checks):
        yield {
            "name": shown(f"{task.task}: {check.sentence}", _LINE),
            "number": f"{number}.{place + 1}",
            "output": _text(_said(check)),
            **_status(check),
            **points.get(place, {}),
        }


def _points(task: TaskVerdict) -> dict[int, dict[str, float]]:
    """By the check's place: points of those that passed come to the task's score, points of the
    others to what is missing.
    """
    found: dict[int, dict[str, float]] = {}
    for passed, sum_ in ((True, task.score), (False, task.max_score - task.score)):
        places = [n for n, one in enumerate(task.checks) if (one.ending == "passed") == passed]
        shares = shared_out(sum_, [task.checks[place].weight for place in places])
        for place, share in zip(places, shares, strict=True):
            if task.checks[place].ending != "broken":
                found[place] = {"score": share if passed else 0.0, "max_score": share}
    return found


def _mark(number: int, mark: Mark) -> dict[str, Any]:
    return {
        "name": shown(f"{mark.task}: all of it", _LINE),
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
