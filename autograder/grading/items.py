"""What a class says about the checks: how hard each is, and whether it tells students apart.

Difficulty is the share of students who pass. Discrimination is the corrected item-total correlation
(point-biserial): of passing this check with the points that all other checks brought. Source:
Crocker and Algina, Introduction to Classical and Modern Test Theory, 1986, chapter 14.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.grading.points import points_by_check
from autograder.records import Check, Ending, TaskVerdict, Verdict

ENOUGH = 10  # students; below, a correlation says nothing


@dataclass(frozen=True)
class Item:
    """A check over the whole class."""

    task: str
    check: str
    sentence: str
    endings: Mapping[Ending, int]
    discrimination: float | None = None  # None: too few students, or all alike
    reported: bool = False  # it rests on what was reported from the student's own process

    @property
    def decided(self) -> int:
        """Students for whom it ended in any way but held back."""
        return sum(self.endings.values()) - self.endings.get("broken", 0)

    @property
    def difficulty(self) -> float | None:
        """The share who pass."""
        return self.endings.get("passed", 0) / self.decided if self.decided else None

    @property
    def remark(self) -> str:
        """What an instructor should look at."""
        if self.difficulty == 0:
            return "nobody passes"
        if self.discrimination is not None and self.discrimination < 0:
            return "the weaker students pass it"
        return ""


def items(verdicts: Sequence[Verdict]) -> list[Item]:
    """All checks, those that most students fail first."""
    found: dict[tuple[str, str], list[tuple[Check, float]]] = {}
    for verdict in verdicts:
        for task in verdict.tasks:
            for check, points in _brought(task):
                rest = verdict.score - points
                found.setdefault((task.task, check.check), []).append((check, rest))
    rows = [_item(task, name, seen) for (task, name), seen in found.items()]
    return sorted(rows, key=lambda one: (-one.endings.get("failed", 0), one.difficulty or 0.0))


def resting_on_reports(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """By task the most points that rest on checks of what a student's own process reported."""
    found: dict[str, float] = {}
    for verdict in verdicts:
        for task in verdict.tasks:
            shares = zip(task.checks, points_by_check(task), strict=True)
            points = sum(share.max_score for check, share in shares if check.reported and share)
            found[task.task] = max(found.get(task.task, 0.0), points)
    return {task: round(points, 2) for task, points in found.items() if points}


def _brought(task: TaskVerdict) -> list[tuple[Check, float]]:
    shares = points_by_check(task)
    return [
        (check, share.score if share else 0.0)
        for check, share in zip(task.checks, shares, strict=True)
    ]


def _item(task: str, name: str, seen: Sequence[tuple[Check, float]]) -> Item:
    decided = [(check.ending == "passed", rest) for check, rest in seen if check.ending != "broken"]
    return Item(
        task,
        name,
        seen[-1][0].sentence,
        Counter(check.ending for check, _ in seen),
        _correlation(decided),
        any(check.reported for check, _ in seen),
    )


def _correlation(decided: Sequence[tuple[bool, float]]) -> float | None:
    if len(decided) < ENOUGH:
        return None
    import numpy as np  # late: it takes a while to import

    passed, rest = np.array(decided, dtype=float).T
    if math.isclose(passed.std(), 0, abs_tol=1e-9) or math.isclose(rest.std(), 0, abs_tol=1e-9):
        return None
    return float(np.corrcoef(passed, rest)[0, 1])
