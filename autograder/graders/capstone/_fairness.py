"""How often a trained model is right on hidden scenes, over all and in each group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.judge import Case
from autograder.judge.trained import right

CLASSES = 6
BRIGHT, DARK = 0, 1  # the groups of "biased"; there are few of the second

Hidden = Callable[[str, int], Any]
Record = Mapping[str, Any]


def accuracies(
    case: Case, hidden: Hidden, calibration: Record, scale: float = 1.0, shift: float = 0.0
) -> dict[str, float]:
    """Accuracy over all hidden scenes, over the bright ones among them,
    and over further dark ones.
    """

    def measure() -> dict[str, float]:
        scenes = hidden("biased", int(calibration["scenes"]))
        hits = right(case, scenes, scale, shift)
        [(rare, n)] = calibration["also"]
        return {
            "overall": float(np.mean(hits)),
            "bright": float(np.mean(hits[scenes.groups == BRIGHT])),
            "dark": float(np.mean(right(case, hidden(rare, int(n)), scale, shift))),
        }

    what = f"accuracies with pixels * {scale} + {shift}"
    found: dict[str, float] = case.answers.once(what, case.name, measure)
    return found
