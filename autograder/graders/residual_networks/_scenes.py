"""How often a model is right on hidden scenes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from autograder.judge import Case
from autograder.judge.trained import right

CLASSES = 6
Hidden = Callable[[str, int], Any]
Record = Mapping[str, float]


def accuracy(
    case: Case, hidden: Hidden, calibration: Record, scale: float = 1.0, shift: float = 0.0
) -> float:
    """The share of hidden scenes for which the largest of the six numbers is the right one; each
    way to scale pixels is measured once.
    """

    def measure() -> float:
        scenes = hidden("shapes", int(calibration["scenes"]))
        return float(right(case, scenes, scale, shift).mean())

    what = f"accuracy with pixels * {scale} + {shift}"
    return float(case.answers.once(what, case.name, measure))
