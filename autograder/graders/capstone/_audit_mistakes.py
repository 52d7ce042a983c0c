"""What lies behind a failure of an audit: ids of hints.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.judge import Case

from ._equation import CLOSE
from ._groups import GAPS, WORST, Samples, number, right_accuracy, same, samples, whole


def _of_all(labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray) -> dict[int, float]:
    hits = labels == predictions
    return {int(g): float(np.sum(hits[groups == g]) / len(labels)) for g in np.unique(groups)}


def _hits(labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray) -> dict[int, float]:
    return {int(g): float(np.sum((labels == predictions)[groups == g])) for g in np.unique(groups)}


def _overall(labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray) -> dict[int, float]:
    return dict.fromkeys(map(int, np.unique(groups)), float(np.mean(labels == predictions)))


def _times(factor: float, shift: float = 0.0) -> Callable[..., dict[int, float]]:
    return lambda *given: {g: shift + factor * s for g, s in right_accuracy(*given).items()}


WRONG_ACCURACY: Mapping[str, Callable[..., dict[int, float]]] = {
    "share_of_all_samples": _of_all,
    "hits_not_shares": _hits,
    "overall_for_every_group": _overall,
    "accuracy_by_class": lambda labels, predictions, _: right_accuracy(labels, predictions, labels),
    "error_instead_of_accuracy": _times(-1.0, 1.0),
    "percent": _times(100.0),
}


def accuracy_mistake(case: Case, found: Any) -> str | None:
    """The known mistake behind a wrong `accuracy`."""
    if not isinstance(found, dict):
        return None
    if any(isinstance(key, str) for key in found):
        return "ids_as_text"
    for name, formula in WRONG_ACCURACY.items():
        if same(found, formula(*samples(case))):
            return name
    if ids_stay(case):
        return "groups_not_read"
    right = right_accuracy(*samples(case))
    keys = {key for key in found if isinstance(key, int)}
    counted = keys == set(range(len(keys))) and not keys <= set(right)
    return "ids_counted_from_zero" if counted else None


def ids_stay(case: Case) -> bool:
    """Whether the accuracies are of the same ids, whatever groups are asked about."""
    answers = [case.answers.outcome(name).value for name in ("typical", "other_ids")]
    found = [one.get("accuracy") if isinstance(one, dict) else None for one in answers]
    first, other = ([*map(str, one)] if isinstance(one, dict) else [] for one in found)
    return bool(first) and first == other


def worst_mistake(case: Case, found: Any) -> str | None:
    """The known mistake behind a wrong `worst_group`; what follows from wrong accuracies is none
    of its own.
    """
    right, group = right_accuracy(*samples(case)), whole(found)
    if not same(case.answers.value(case.name).get("accuracy"), right):
        return None
    if group in right and right[group] == min(right.values()):
        return "tie_by_order"
    given, asked = answers_of(case, "worst_group", WORST)
    for mistake, formula in WRONG_WORST:
        wrong = {name: formula(right_accuracy(*one)) for name, one in asked.items()}
        if all(one is not None and abs(one - wrong[name]) < CLOSE for name, one in given.items()):
            return mistake
    first = given and all(one == asked[name][2][0] for name, one in given.items())
    return "group_of_the_first_sample" if first else None


# of the groups' accuracies
WRONG_WORST: Sequence[tuple[str, Callable[[dict[int, float]], float]]] = (
    ("best_instead_of_worst", lambda shares: max(shares, key=lambda group: shares[group])),
    ("position_instead_of_id", lambda shares: int(np.argmin(list(shares.values())))),
    ("accuracy_instead_of_id", lambda shares: min(shares.values())),
)


def answers_of(
    case: Case, key: str, names: Sequence[str]
) -> tuple[dict[str, float | None], dict[str, Samples]]:
    """What the answers to some questions hold under a key, and what was asked: a single one may
    agree with several mistakes by chance.
    """
    values = {name: case.answers.outcome(name).value for name in names}
    found = {name: number(one.get(key)) for name, one in values.items() if isinstance(one, dict)}
    return found, {name: samples(replace(case, name=name)) for name in found}


# of the groups' accuracies and the overall one
WRONG_GAP: Sequence[tuple[str, Callable[[list[float], float], float]]] = (
    ("gap_negative", lambda shares, _: min(shares) - max(shares)),
    ("gap_to_the_mean", lambda shares, overall: overall - min(shares)),
    ("gap_to_the_mean", lambda shares, overall: max(shares) - overall),
    ("gap_to_the_mean", lambda shares, _: float(np.mean(shares)) - min(shares)),
    ("gap_of_two_groups", lambda shares, _: shares[0] - shares[-1]),
    ("gap_of_two_groups", lambda shares, _: shares[-1] - shares[0]),
    ("gap_of_two_groups", lambda shares, _: abs(shares[0] - shares[-1])),
    ("gap_of_two_groups", lambda shares, _: shares[0] - shares[min(1, len(shares) - 1)]),
    ("gap_of_two_groups", lambda shares, _: abs(shares[0] - shares[min(1, len(shares) - 1)])),
)


def gap_mistake(case: Case) -> str | None:
    """The known mistake that explains the gaps of all cases."""
    found, asked = answers_of(case, "gap", GAPS)
    for mistake, formula in WRONG_GAP:
        wrong = {name: _gap(formula, one) for name, one in asked.items()}
        fits = (gap is not None and abs(gap - wrong[name]) < CLOSE for name, gap in found.items())
        if found and all(fits):
            return mistake
    return None


def _gap(formula: Callable[[list[float], float], float], asked: Samples) -> float:
    labels, predictions, _ = asked
    return formula(list(right_accuracy(*asked).values()), float(np.mean(labels == predictions)))


def empty_mistake(case: Case) -> str | None:
    """Why there is no right answer for no samples, where there is one for some."""
    found, none = (case.answers.outcome(name).value for name in ("typical", case.name))
    if isinstance(none, dict) and none.get("accuracy") and ids_stay(case):
        return "groups_not_read"
    answers = isinstance(found, dict) and found.keys() >= {"accuracy", "worst_group", "gap"}
    return "no_samples" if answers else None
