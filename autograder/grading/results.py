"""The results file: what other programs read of a graded class."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.files import write
from autograder.records import Check, Verdict

NEVER_RAN = frozenset({"unreadable", "missing"})
NEEDS_A_PERSON = NEVER_RAN | {"needs_review"}


def results(
    assignment: str,
    verdicts: Sequence[Verdict],
    grades: Mapping[str, dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The format that the documentation fixes: assignment, generated_at, isolation and students.

    Points are those of the graders; beside them stand the gradebook's `grades` by student, as
    `Grades.told` has them, where they are known.
    """
    return {
        "assignment": assignment,
        "generated_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "isolation": weakest(verdict.isolation for verdict in verdicts),
        "students": [_student(verdict, grades or {}) for verdict in verdicts],
    }


def write_results(path: Path, data: Any) -> None:
    """Write the results, of one assignment or of several, a line for each student."""
    texts = [_text(one) for one in (data if isinstance(data, list) else [data])]
    write(path, f"[{','.join(texts)}]\n" if isinstance(data, list) else f"{texts[0]}\n")


def _text(one: dict[str, Any]) -> str:
    head = {name: value for name, value in one.items() if name != "students"}
    lines = [
        json.dumps(student, ensure_ascii=False, allow_nan=False) for student in one["students"]
    ]
    students = ",\n".join(lines)
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "students": [\n{students}\n]}}'


def weakest(isolations: Iterable[str]) -> str:
    """The least of the isolations under which something was executed; "" where nothing was."""
    order = {"none": 0, "reduced": 1, "strong": 2}
    known = [text for text in isolations if text.partition(":")[0] in order]
    return min(known, key=lambda text: order[text.partition(":")[0]], default="")


def percent(verdicts: Sequence[Verdict]) -> float:
    """The mean of what the submissions that could be run reach of the points
    that graders judge, in percent.
    """
    ran = [verdict for verdict in verdicts if verdict.status not in NEVER_RAN and verdict.max_score]
    shares = [100 * verdict.score / verdict.max_score for verdict in ran]
    return sum(shares) / len(shares) if shares else 0.0


def _student(verdict: Verdict, grades: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "student": verdict.student,
        "status": verdict.status,
        "score": verdict.score,
        "max_score": verdict.max_score,
        "seconds": verdict.seconds,
        "grade": grades.get(verdict.student),
        "tasks": [
            {
                "task": task.task,
                "score": task.score,
                "max_score": task.max_score,
                "checks": [_check(check) for check in task.checks],
            }
            for task in verdict.tasks
        ],
    }


def _check(check: Check) -> dict[str, Any]:
    names = ("check", "ending", "weight", "expected", "found", "hint", "misconception")
    return {name: getattr(check, name) for name in names}
