"""audit: accuracy by group, the worst group, the gap between best and worst, on hidden cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.judge import Case, Failure, Question, Snippet, cases, expect, needs, weight

from ._audit_mistakes import accuracy_mistake, empty_mistake, gap_mistake, worst_mistake
from ._groups import (
    CLOSE,
    GAPS,
    WORST,
    Samples,
    follows_from_its_own,
    number,
    right_accuracy,
    same,
    samples,
    whole,
)

CODE = """
import numpy as np
answer = notebook.audit(
    *(np.array(given[name], dtype="int64") for name in ("labels", "predictions", "groups"))
)
"""
NO_SAMPLES: Mapping[str, Any] = {"accuracy": {}, "worst_group": None, "gap": 0.0}


def questions(rng: np.random.Generator) -> dict[str, Question]:
    ids = [int(n) for n in rng.choice(range(5, 900), 3, replace=False)]
    low, high = int(rng.integers(-90, -2)), int(rng.integers(1000, 9000))
    lone = _samples({ids[0]: (int(rng.integers(4, 9)), 12), ids[1]: (1, 1), ids[2]: (9, 10)}, rng)
    return {
        "typical": _ask(
            _samples({0: (int(rng.integers(60, 70)), 80), 1: (int(rng.integers(8, 14)), 20)}, rng)
        ),
        "other_ids": _ask(
            _together(  # the first sample's group is neither the worst nor the best
                _samples({ids[0]: (1, 1)}, rng),
                _samples({ids[0]: (28, 39), ids[1]: (7, 25), ids[2]: (11, 12)}, rng),
            )
        ),
        "negative_ids": _ask(
            _samples({high: (5, 8), low: (21, 30), ids[0]: (6, 7), low - 4: (13, 17)}, rng)
        ),
        "one_sample": _ask(lone),
        "one_wrong_sample": _ask(_samples({ids[1]: (0, 1), ids[0]: (3, 9)}, rng)),
        "tie": _ask(
            _together(  # a search in the order of the samples meets the lowest id last
                _samples({ids[2] + 1000: (3, 6), ids[1]: (8, 9), high + 9000: (1, 2)}, rng),
                _samples({low: (5, 10)}, rng),
            )
        ),
        "one_group": _ask(_samples({ids[0]: (7, 16)}, rng)),
        "empty": _ask(_samples({}, rng)),
    }


@weight(2)
@cases("typical", "one_group")
def test_accuracy_of_each_group(case: Case) -> None:
    """`accuracy` gives for each group the share of its own samples that were predicted right."""
    expect_accuracy(case)


@weight(2)
@cases("other_ids", "negative_ids")
def test_any_ids(case: Case) -> None:
    """Group ids are any whole numbers, negative ones too;
    a group that does not occur has no entry.
    """
    expect_accuracy(case)


@cases("one_sample", "one_wrong_sample")
def test_groups_of_one(case: Case) -> None:
    """A group of a single sample has accuracy 0 or 1."""
    expect_accuracy(case)


@weight(2)
@cases(*WORST)
def test_worst_group(case: Case) -> None:
    """`worst_group` is the id of the group with the lowest accuracy."""
    expect_worst(case)


@needs("test_worst_group")
@cases("tie")
def test_lowest_id_wins_a_tie(case: Case) -> None:
    """Of several worst groups it is the one with the lowest id."""
    expect_worst(case)


@weight(2)
@cases(*GAPS)
def test_gap(case: Case) -> None:
    """`gap` is the best group's accuracy minus the worst group's."""
    shares, found = right_accuracy(*samples(case)), entry(case, "gap")
    gap, given = max(shares.values()) - min(shares.values()), number(found)
    wanted = f"a gap of {gap:.4f} between the accuracies {shown(shares)}"
    close = given is not None and abs(given - gap) < CLOSE
    fits = close or follows_from_its_own(case, "gap", shares)
    expect(fits, wanted, repr(found)[:80], gap_mistake(case))


@weight(2)
@cases("empty")
def test_no_samples(case: Case) -> None:
    """Without samples there is no group: `{}`, `None` and `0.0`."""
    case.answers.answer(case.name, lambda _: empty_mistake(case))
    found = {key: entry(case, key) for key in NO_SAMPLES}
    right = same(found["accuracy"], {}) and number(found["gap"]) == 0
    fits, wanted = right and found["worst_group"] is None, f"{NO_SAMPLES} for no samples"
    expect(fits, wanted, str(found)[:200], lambda: empty_mistake(case))


def expect_accuracy(case: Case) -> None:
    """Fail unless the accuracies are right."""
    right, found = right_accuracy(*samples(case)), entry(case, "accuracy")
    digits = 4 if shown(found) != shown(right) else 9
    wanted, said = f"accuracy {shown(right, digits)}", shown(found, digits)
    expect(same(found, right), wanted, said, accuracy_mistake(case, found))


def expect_worst(case: Case) -> None:
    """Fail unless it is the right group, by its id."""
    right, found = right_accuracy(*samples(case)), entry(case, "worst_group")
    worst = min(sorted(right), key=lambda group: right[group])
    expect(
        whole(found) == worst or follows_from_its_own(case, "worst_group", right),
        f"worst_group {worst} where the accuracies are {shown(right)}",
        repr(found)[:80],
        worst_mistake(case, found),
    )


def entry(case: Case, key: str) -> Any:
    """What the answer holds under a key."""
    found = result(case)
    expect(
        key in found,
        f"the key {key!r} in the dictionary",
        f"no key {key!r} among {', '.join(map(repr, found)) or 'none at all'}",
    )
    return found[key]


def result(case: Case) -> dict[Any, Any]:
    """The answer, a dictionary."""
    found = case.answers.value(case.name)
    if not isinstance(found, dict):
        what = (
            "None: is the `return` missing?"
            if found is None
            else f"an object of type {type(found).__name__}"
        )
        raise Failure("a dictionary with accuracy, worst_group and gap", what)
    return found


def shown(accuracy: Any, digits: int = 4) -> str:
    """Accuracies as a student may have written them, not too many."""
    if not isinstance(accuracy, dict):
        return f"an object of type {type(accuracy).__name__}"
    parts = (
        f"{key!r}: {value:.{digits}f}" if isinstance(value, float) else f"{key!r}: {value!r}"
        for key, value in accuracy.items()
    )
    return "{" + ", ".join(parts)[:160] + "}"


def _ask(given: Samples) -> Snippet:
    return Snippet(
        CODE,
        dict(zip(("labels", "predictions", "groups"), (a.tolist() for a in given), strict=True)),
    )


def _samples(hits: Mapping[int, tuple[int, int]], rng: np.random.Generator) -> Samples:
    """Samples in random order in which each group has (right, all) of its own."""
    groups = np.repeat(list(hits), [n for _, n in hits.values()]).astype(np.int64)
    right = np.concatenate([np.arange(n) < k for k, n in hits.values()] or [np.zeros(0, bool)])
    labels = rng.integers(0, 6, len(groups))
    predictions = np.where(right, labels, (labels + rng.integers(1, 6, len(groups))) % 6)
    order = rng.permutation(len(groups))
    return labels[order], predictions[order], groups[order]


def _together(first: Samples, then: Samples) -> Samples:
    labels, predictions, groups = map(np.concatenate, zip(first, then, strict=True))
    return labels, predictions, groups
