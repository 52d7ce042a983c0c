"""fair_model: accuracy over all hidden scenes first, then in the worst group."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from autograder.judge import Blocked, Case, Question, Variable, cases, expect, weight
from autograder.judge.expectations import apart
from autograder.judge.trained import SCALES, expect_classifier, expect_learnt

from ._fairness import BRIGHT, CLASSES, DARK, Hidden, Record, accuracies
from ._mistakes import group_mistake, output_mistake, overall_mistake

# The reference builds on build_model, but a student need not: so no NEEDS.
TOO_LARGE = 5_000_000  # parameters of a model that is not even tried


def questions(_: np.random.Generator) -> dict[str, Question]:
    return {"model": Variable("fair_model", weights=True)}


@weight(2)
@cases("model")
def test_overall_accuracy(case: Case, hidden: Hidden, calibration: Record) -> None:
    """Over all new scenes, the model is right often enough."""
    expect_small_classifier(case)
    measured, asked = accuracies(case, hidden, calibration), calibration["overall"]
    found = measured["overall"]
    said, least = apart(found, asked, ".1%")
    wanted = f"an accuracy of at least {least} on {calibration['scenes']:,} new scenes"
    known = None if found >= asked else overall_mistake(case, hidden, calibration)
    expect_learnt(case, found >= asked, wanted, f"{said}: {by_group(measured)}", known)


@weight(3)
@cases("model")
def test_worst_group(case: Case, hidden: Hidden, calibration: Record) -> None:
    """In the group that fares worst, the model is right often enough too."""
    expect_small_classifier(case)
    measured, asked = judged_apart(case, hidden, calibration), calibration["worst_group"]
    worst = min(measured["bright"], measured["dark"])
    wanted = f"an accuracy of at least {asked:.1%} in the worst group"
    expect(worst >= asked, wanted, by_group(measured), group_mistake(measured))


def judged_apart(case: Case, hidden: Hidden, calibration: Record) -> Mapping[str, float]:
    """The accuracies, for scaled pixels if the model is right often enough for these alone: what
    that costs is lost above.

    Raises:
        Blocked: it never is.
    """
    ways = [(1.0, 0.0), *SCALES]
    for measured in (accuracies(case, hidden, calibration, *how) for how in ways):
        if measured["overall"] >= calibration["overall"]:
            return measured
    raise Blocked("test_overall_accuracy", "first it has to be right often enough over all scenes")


def by_group(measured: Mapping[str, float]) -> str:
    """The accuracy in each group in words."""
    return f"{measured['bright']:.1%} in group {BRIGHT}, {measured['dark']:.1%} in group {DARK}"


def expect_small_classifier(case: Case) -> None:
    """Fail for a model that can't be tried on the scenes."""
    expect_classifier(case, (64, 64, 3), CLASSES, output_mistake=output_mistake)
    case.expect(f"parameters <= {TOO_LARGE}", mistake="over_the_budget")
