"""Points of single checks: shares of their task's, to the digits of a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.records import TaskVerdict

DIGITS = 4


@dataclass(frozen=True)
class Share:
    """What a check is worth, and what it brought."""

    score: float
    max_score: float


def points_by_check(task: TaskVerdict) -> list[Share | None]:
    """For each check its share: those of the checks that passed come to exactly the task's score,
    the others' to exactly what is missing; None where it waits for a person.
    """
    found: dict[int, Share] = {}
    for passed, points in ((True, task.score), (False, task.max_score - task.score)):
        places = [n for n, one in enumerate(task.checks) if (one.ending == "passed") == passed]
        shares = shared_out(points, [task.checks[place].weight for place in places])
        for place, share in zip(places, shares, strict=True):
            found[place] = Share(share if passed else 0.0, share)
    return [
        None if check.ending == "broken" else found[place]
        for place, check in enumerate(task.checks)
    ]


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
