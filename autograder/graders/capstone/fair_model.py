"""fair_model: accuracy over all hidden scenes first, then in the worst group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.answers.questions import Question, Variable
from autograder.architecture.parameters import count_parameters
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.trained import SCALES, expect_classifier, right

# The reference builds on build_model, but a student need not: so no NEEDS.
TOO_LARGE = 5_000_000  # parameters of a model that is not even tried
CLASSES = 6
BRIGHT, DARK = 0, 1  # the groups of "biased"

Hidden = Callable[[str, int], Any]
Record = Mapping[str, Any]


def questions(_: np.random.Generator) -> dict[str, Question]:
    return {"model": Variable("fair_model", weights=True)}


@weight(2)
def test_overall_accuracy(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """Over all new scenes, the model is right often enough."""
    accuracy = accuracies(answers, hidden, calibration)["overall"]
    expect(
        accuracy >= calibration["overall"],
        expected=(
            f"an accuracy of at least {calibration['overall']:.1%} "
            f"on {calibration['scenes']:,} new scenes"
        ),
        found=f"{accuracy:.1%}",
        misconception=(
            None
            if accuracy >= calibration["overall"]
            else overall_mistake(answers, hidden, calibration)
        ),
    )


@weight(3)
@needs("test_overall_accuracy")
def test_worst_group(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """In the group that fares worst, the model is right often enough too."""
    found = accuracies(answers, hidden, calibration)
    groups = {BRIGHT: found["bright"], DARK: found["dark"]}
    worst = min(groups, key=lambda group: groups[group])
    expect(
        groups[worst] >= calibration["worst_group"],
        expected=f"an accuracy of at least {calibration['worst_group']:.1%} in the worst group",
        found=f"{groups[worst]:.1%} in group {worst}, {groups[1 - worst]:.1%} in the other",
        misconception="rare_group_neglected" if worst == DARK else "frequent_group_neglected",
    )


def accuracies(
    answers: Answers, hidden: Hidden, calibration: Record, scale: float = 1.0, shift: float = 0.0
) -> Any:
    """Accuracy over all hidden scenes, over those of group 0 among them,
    and over further ones of group 1.
    """
    expect_classifier(answers, (64, 64, 3), CLASSES)
    expect_small(answers)

    def measure() -> dict[str, float]:
        scenes = hidden("biased", int(calibration["scenes"]))
        hits = right(answers, scenes, scale, shift)
        [(rare, n)] = calibration["also"]
        return {
            "overall": float(np.mean(hits)),
            "bright": float(np.mean(hits[scenes.groups == BRIGHT])),
            "dark": float(np.mean(right(answers, hidden(rare, int(n)), scale, shift))),
        }

    return answers.once(f"accuracies with pixels * {scale} + {shift}", "model", measure)


def expect_small(answers: Answers) -> None:
    """Fail for a model that is too large to be tried."""
    total = count_parameters(answers.architecture("model")).total
    expect(
        total <= TOO_LARGE,
        f"at most {TOO_LARGE:,} parameters",
        f"{total:,}",
        misconception="over_the_budget",
    )


def overall_mistake(answers: Answers, hidden: Hidden, calibration: Record) -> str | None:
    """Why a model fails on all scenes together: it expects scaled pixels,
    or it has learnt nothing.
    """
    found = accuracies(answers, hidden, calibration)
    if max(found.values()) < 1 / CLASSES + 0.08:
        scaled = [accuracies(answers, hidden, calibration, *to) for to in SCALES]
        return (
            "scaled_outside"
            if max(one["overall"] for one in scaled) >= calibration["overall"]
            else "untrained"
        )
    return "frequent_group_neglected" if found["dark"] > found["bright"] else None
