"""Accuracy by group: the rule, and how an answer of `audit` is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.judge import Blocked, Case

CLOSE = 1e-6
GAPS = ("typical", "other_ids", "negative_ids", "one_group")  # questions whose gap is judged
WORST = ("typical", "other_ids", "negative_ids", "one_wrong_sample")  # and whose worst group is

Samples = tuple[np.ndarray, np.ndarray, np.ndarray]  # labels, predictions, groups


def samples(case: Case) -> Samples:
    """What `audit` was asked about."""
    labels, predictions, groups = (
        np.array(case.given[key], np.int64) for key in ("labels", "predictions", "groups")
    )
    return labels, predictions, groups


def right_accuracy(
    labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray
) -> dict[int, float]:
    """For each group that occurs the share of its samples that were predicted right."""
    return {
        int(g): float(np.mean(labels[groups == g] == predictions[groups == g]))
        for g in np.unique(groups)
    }


def same(found: Any, accuracy: Mapping[int, float]) -> bool:
    """Whether an answer's accuracies are these, in any spelling of the numbers."""
    if not isinstance(found, dict):
        return False
    values = {whole(key): number(value) for key, value in found.items()}
    return values.keys() == accuracy.keys() and all(
        value is not None and abs(value - accuracy[group]) < CLOSE
        for group, value in values.items()
        if group is not None
    )


def wait_for_accuracy(case: Case, key: str, right: Mapping[int, float]) -> None:
    """Say of a wrong `worst_group` or `gap` that it waits for the accuracies.

    Raises:
        Blocked: it is right for the accuracies that the answer itself holds, which are not.
    """
    answer = case.answers.value(case.name)
    own = answer.get("accuracy")
    if not isinstance(own, dict) or not own or same(own, right):
        return
    shares = {whole(group): number(share) for group, share in own.items()}
    known = [share for share in shares.values() if share is not None]
    found, gap = number(answer[key]), max(known, default=0.0) - min(known, default=0.0)
    follows = {
        "gap": found is not None and abs(found - gap) < CLOSE,
        "worst_group": found in shares and shares[whole(found)] == min(known, default=None),
    }
    if follows[key]:
        raise Blocked(
            "test_accuracy_of_each_group", "it follows from the accuracies, not yet right"
        )


def whole(value: Any) -> int | None:
    """An id: a whole number in any spelling, 3 or 3.0."""
    found = number(value)
    return int(found) if found is not None and found == int(found) else None


def number(value: Any) -> float | None:
    """A finite number in any spelling; None for anything else, also for True."""
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if plain and np.isfinite(value) else None
