"""audit: accuracy by group, the worst group, the gap between best and worst, on hidden cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from autograder.answers.questions import Question, Snippet
from autograder.judge import Answers, Failure, expect, needs, weight

Case = tuple[np.ndarray, np.ndarray, np.ndarray]  # labels, predictions, groups
CODE = """
import numpy as np
answer = notebook.audit(
    *(np.array(given[name], dtype="int64") for name in ("labels", "predictions", "groups"))
)
"""
CLOSE = 1e-6


def questions(rng: np.random.Generator) -> dict[str, Question]:
    ids = [int(n) for n in rng.choice(range(5, 900), 3, replace=False)]
    low, high = int(rng.integers(-90, -2)), int(rng.integers(1000, 9000))
    lone = _case({ids[0]: (int(rng.integers(4, 9)), 12), ids[1]: (1, 1), ids[2]: (9, 10)}, rng)
    return {
        "typical": _ask(
            _case({0: (int(rng.integers(60, 70)), 80), 1: (int(rng.integers(8, 14)), 20)}, rng)
        ),
        "other_ids": _ask(_case({ids[0]: (29, 40), ids[1]: (7, 25), ids[2]: (11, 12)}, rng)),
        "negative_ids": _ask(
            _case({high: (5, 8), low: (21, 30), ids[0]: (6, 7), low - 4: (13, 17)}, rng)
        ),
        "one_sample": _ask(lone),
        "one_wrong_sample": _ask(_case({ids[1]: (0, 1), ids[0]: (3, 9)}, rng)),
        "tie": _ask(
            _case({ids[2] + 1000: (3, 6), ids[1]: (8, 9), low: (5, 10), high + 9000: (1, 2)}, rng)
        ),
        "one_group": _ask(_case({ids[0]: (7, 16)}, rng)),
        "empty": _ask(_case({}, rng)),
    }


@weight(2)
def test_accuracy_of_each_group(answers: Answers) -> None:
    """`accuracy` gives for each group the share of its own samples that were predicted right."""
    for name in ("typical", "one_group"):
        _expect_accuracy(answers, name)


@weight(2)
def test_any_ids(answers: Answers) -> None:
    """Group ids are any whole numbers, negative ones too;
    a group that does not occur has no entry.
    """
    for name in ("other_ids", "negative_ids"):
        _expect_accuracy(answers, name)


def test_groups_of_one(answers: Answers) -> None:
    """A group of a single sample has accuracy 0 or 1."""
    for name in ("one_sample", "one_wrong_sample"):
        _expect_accuracy(answers, name)


@weight(2)
def test_worst_group(answers: Answers) -> None:
    """`worst_group` is the id of the group with the lowest accuracy."""
    for name in ("typical", "other_ids", "negative_ids", "one_wrong_sample"):
        _expect_worst(answers, name)


@needs("test_worst_group")
def test_lowest_id_wins_a_tie(answers: Answers) -> None:
    """Of several worst groups it is the one with the lowest id."""
    _expect_worst(answers, "tie")


@weight(2)
def test_gap(answers: Answers) -> None:
    """`gap` is the best group's accuracy minus the worst group's."""
    for name in GAPS:
        shares = list(right_accuracy(*_given(answers, name)).values())
        found = _number(_entry(answers, name, "gap"))
        expect(
            found is not None and abs(found - (max(shares) - min(shares))) < CLOSE,
            expected=(
                f"a gap of {max(shares) - min(shares):.4f} "
                f"between the accuracies {_rounded(shares)}"
            ),
            found=repr(_entry(answers, name, "gap"))[:80],
            misconception=gap_mistake(answers),
        )


@weight(2)
def test_no_samples(answers: Answers) -> None:
    """Without samples there is no group: `{}`, `None` and `0.0`."""
    if (error := answers.refusal("empty")) is not None:
        raise Failure(
            "{}, None and 0.0 for no samples",
            f"{error.type}: {error.message}",
            misconception="no_samples",
        )
    found = _result(answers, "empty")
    gap = _number(found.get("gap"))
    expect(
        found.get("accuracy") == {} and found.get("worst_group", 0) is None and gap == 0,
        expected="accuracy {}, worst_group None and gap 0.0 for no samples",
        found=str({key: found.get(key) for key in ("accuracy", "worst_group", "gap")})[:200],
        misconception="no_samples",
    )


def right_accuracy(
    labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray
) -> dict[int, float]:
    return {
        int(g): float(np.mean(labels[groups == g] == predictions[groups == g]))
        for g in np.unique(groups)
    }


def _of_all(labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray) -> dict[int, float]:
    hits = labels == predictions
    return {int(g): float(np.sum(hits[groups == g]) / len(labels)) for g in np.unique(groups)}


def _hits(labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray) -> dict[int, float]:
    return {int(g): float(np.sum((labels == predictions)[groups == g])) for g in np.unique(groups)}


def _overall(labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray) -> dict[int, float]:
    return dict.fromkeys(map(int, np.unique(groups)), float(np.mean(labels == predictions)))


def _times(factor: float, shift: float = 0.0) -> Callable[..., dict[int, float]]:
    return lambda *case: {g: shift + factor * share for g, share in right_accuracy(*case).items()}


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
        if _same(found, formula(*case)):
            return name
    right = right_accuracy(*case)
    keys = {key for key in found if isinstance(key, int)}
    if keys != set(right) and keys <= set(range(max([0, *right]) + 1)):
        return "ids_counted_from_zero"
    return None


GAPS = ("typical", "other_ids", "negative_ids", "one_group")
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


def gap_mistake(answers: Answers) -> str | None:
    """The known mistake that explains the gaps of all cases:
    a single one may agree with several by chance.
    """
    values = {name: answers.outcome(name).value for name in GAPS}
    found = {
        name: _number(value.get("gap")) for name, value in values.items() if isinstance(value, dict)
    }
    cases = {name: _given(answers, name) for name in found}
    for mistake, formula in WRONG_GAP:
        wrong = {
            name: formula(list(right_accuracy(*case).values()), float(np.mean(case[0] == case[1])))
            for name, case in cases.items()
        }
        if all(gap is not None and abs(gap - wrong[name]) < CLOSE for name, gap in found.items()):
            return mistake
    return None


def _expect_accuracy(answers: Answers, name: str) -> None:
    case, found = _given(answers, name), _entry(answers, name, "accuracy")
    right = right_accuracy(*case)
    expect(
        isinstance(found, dict) and _same(found, right),
        expected=f"accuracy {_shown(right)}",
        found=_shown(found),
        misconception=accuracy_mistake(case, found),
    )


def _expect_worst(answers: Answers, name: str) -> None:
    right = right_accuracy(*_given(answers, name))
    worst = min(sorted(right), key=lambda group: right[group])
    found, accuracy = _entry(answers, name, "worst_group"), _result(answers, name).get("accuracy")
    # What follows from wrong accuracies is no mistake of its own.
    known = (
        worst_mistake(right, found)
        if isinstance(accuracy, dict) and _same(accuracy, right)
        else None
    )
    expect(
        _whole(found) == worst,
        expected=f"worst_group {worst} where the accuracies are {_shown(right)}",
        found=repr(found)[:80],
        misconception=known,
    )


def worst_mistake(right: Mapping[int, float], found: Any) -> str | None:
    """The known mistake behind a wrong `worst_group`."""
    ids = sorted(right)
    lowest, highest = min(right.values()), max(right.values())
    group = _whole(found)
    if group is not None and group in right:
        if right[group] == lowest:
            return "tie_by_order"
        return "best_instead_of_worst" if right[group] == highest else None
    positions = {place for place, one in enumerate(ids) if right[one] == lowest}
    if group in positions:
        return "position_instead_of_id"
    return (
        "accuracy_instead_of_id"
        if _number(found) is not None and abs(float(found) - lowest) < CLOSE
        else None
    )


def _result(answers: Answers, name: str) -> dict[Any, Any]:
    found = answers.value(name)
    if not isinstance(found, dict):
        what = (
            "None: is the `return` missing?"
            if found is None
            else f"an object of type {type(found).__name__}"
        )
        raise Failure("a dictionary with accuracy, worst_group and gap", what)
    return found


def _entry(answers: Answers, name: str, key: str) -> Any:
    found = _result(answers, name)
    expect(
        key in found,
        expected=f"the key {key!r} in the dictionary",
        found=f"the keys {', '.join(map(repr, found))}",
    )
    return found[key]


def _same(found: Mapping[Any, Any], right: Mapping[int, float]) -> bool:
    values = {_whole(key): _number(value) for key, value in found.items()}
    return values.keys() == right.keys() and all(
        value is not None and abs(value - right[group]) < CLOSE
        for group, value in values.items()
        if group is not None
    )


def _whole(value: Any) -> int | None:
    """An id: a whole number in any spelling, 3 or 3.0."""
    number = _number(value)
    return int(number) if number is not None and number == int(number) else None


def _number(value: Any) -> float | None:
    if isinstance(value, np.ndarray) and value.size == 1:
        value = value.item()
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if plain and np.isfinite(value) else None


def _shown(accuracy: Any) -> str:
    if not isinstance(accuracy, dict):
        return f"an object of type {type(accuracy).__name__}"
    parts = (
        f"{key!r}: {value:.4f}" if isinstance(value, float) else f"{key!r}: {value!r}"
        for key, value in accuracy.items()
    )
    return "{" + ", ".join(parts)[:160] + "}"


def _rounded(shares: Sequence[float]) -> str:
    return ", ".join(f"{share:.4f}" for share in shares)


def _given(answers: Answers, name: str) -> Case:
    asked = answers.questions[name]
    assert isinstance(asked, Snippet)
    labels, predictions, groups = (
        np.array(asked.given[key], np.int64) for key in ("labels", "predictions", "groups")
    )
    return labels, predictions, groups


def _ask(case: Case) -> Snippet:
    return Snippet(
        CODE,
        dict(zip(("labels", "predictions", "groups"), (a.tolist() for a in case), strict=True)),
    )


def _case(hits: Mapping[int, tuple[int, int]], rng: np.random.Generator) -> Case:
    """Samples in random order in which each group has (right, all) of its own."""
    groups = np.repeat(list(hits), [n for _, n in hits.values()]).astype(np.int64)
    right = np.concatenate([np.arange(n) < k for k, n in hits.values()] or [np.zeros(0, bool)])
    labels = rng.integers(0, 6, len(groups))
    predictions = np.where(right, labels, (labels + rng.integers(1, 6, len(groups))) % 6)
    order = rng.permutation(len(groups))
    return labels[order], predictions[order], groups[order]
