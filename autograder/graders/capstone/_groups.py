"""Accuracy by group: the rule, and how an answer of `audit` is read."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.judge import Case

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


def follows_from_its_own(case: Case, key: str, right: Mapping[int, float]) -> bool:
    """Whether `worst_group` or `gap` is right for the accuracies that the answer itself holds; that
    these are not right has its price, if they are found from the samples and not all alike.
    """
    answer = case.answers.value(case.name)
    own = _shares(answer)
    if not own or same(answer.get("accuracy"), right) or not are_found(case):
        return False
    low, high, found = min(own.values()), max(own.values()), number(answer.get(key))
    if found is None or (low == high and len(right) > 1):
        return False
    if key == "gap":
        return abs(found - (high - low)) < CLOSE
    lowest = [group for group, share in own.items() if share == low]
    return whole(found) == min(lowest) if case.name == "tie" else whole(found) in lowest


def are_found(case: Case) -> bool:
    """Whether other samples give other accuracies."""
    answers = [case.answers.outcome(name).value for name in ("typical", "other_ids", "one_group")]
    shares = [sorted(_shares(answer).values()) for answer in answers]
    return all(one != other for one, other in itertools.combinations(shares, 2))


def _shares(answer: Any) -> dict[int, float]:
    """The accuracies that an answer holds, as far as they are numbers."""
    own = answer.get("accuracy") if isinstance(answer, dict) else None
    found = {whole(key): number(one) for key, one in own.items()} if isinstance(own, dict) else {}
    return {
        group: share for group, share in found.items() if group is not None and share is not None
    }


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
