"""How often trained models are right: on hidden scenes, and measured again on known ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from autograder.judge import Case
from autograder.judge.expectations import apart
from autograder.judge.trained import expect_learnt, right

Hidden = Any  # judge.hidden's: hidden("collection", n), hidden.derived("name")
Record = Mapping[str, Any]


class Stored(NamedTuple):
    """What the released backbone gives for some scenes, in place of their images."""

    images: np.ndarray
    labels: np.ndarray


def accuracy(case: Case, items: Any) -> float:
    """The share of scenes, or of their features, for which the model's largest number is the right
    one's.
    """
    return float(np.mean(right(case, items)))


def expect_accuracy(
    case: Case, found: float, wanted: Record, mistake: str | None, hint: str = ""
) -> None:
    """Fail unless an accuracy reaches the threshold that was measured; the hint is for where no
    mistake is known.
    """
    threshold, n = wanted["pass"], int(wanted["scenes"])
    said, least = apart(found, threshold, ".1%")
    asked = f"an accuracy of at least {least} on {n:,} new scenes"
    expect_learnt(case, found >= threshold, asked, said, mistake, hint)
