"""train_classifier: accuracy on hidden scenes;
the other shares count only once the first threshold is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.answers.questions import Question, Variable
from autograder.architecture.blocks import sums
from autograder.architecture.parameters import count_parameters
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.trained import SCALES, expect_classifier, right

# The reference calls residual_block here, but a student need not: so no NEEDS.
CAP = 250_000
TOO_LARGE = 5_000_000  # parameters of a model that is not even tried
CLASSES = 6

Hidden = Callable[[str, int], Any]
Record = Mapping[str, float]


def questions(_: np.random.Generator) -> dict[str, Question]:
    return {"model": Variable("trained_classifier", weights=True)}


@weight(4)
def test_reaches_threshold(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """On scenes that nobody has seen, the model is right often enough
    to show that it has learnt.
    """
    accuracy = accuracy_on(answers, hidden, calibration)
    expect(
        accuracy >= calibration["pass"],
        expected=(
            f"an accuracy of at least {calibration['pass']:.1%} "
            f"on {calibration['scenes']:,} new scenes"
        ),
        found=f"{accuracy:.1%}",
        misconception=(
            None
            if accuracy >= calibration["pass"]
            else mistake(answers, hidden, calibration, accuracy)
        ),
    )


@weight(3)
@needs("test_reaches_threshold")
def test_reaches_strong_threshold(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """On the same scenes, it is right as often as a good network for these data."""
    accuracy = accuracy_on(answers, hidden, calibration)
    expect(
        accuracy >= calibration["strong"],
        f"an accuracy of at least {calibration['strong']:.1%}",
        f"{accuracy:.1%}",
        hint="More different scenes, augmentation, or a learning rate that falls towards the end?",
    )


@weight(2)
@needs("test_reaches_threshold")
def test_parameter_cap(answers: Answers) -> None:
    """It has at most 250,000 parameters."""
    total = count_parameters(answers.architecture("model")).total
    expect(
        total <= CAP,
        f"at most {CAP:,} parameters",
        f"{total:,}",
        misconception="over_parameter_cap",
    )


@weight(3)
@needs("test_reaches_threshold")
def test_residual_connections(answers: Answers) -> None:
    """It uses residual connections."""
    found = sums(answers.architecture("model"))
    expect(bool(found), "at least one sum of a body and a shortcut around it", "none",
           misconception="no_residual_connection")  # fmt: skip


def accuracy_on(
    answers: Answers, hidden: Hidden, calibration: Record, scale: float = 1.0, shift: float = 0.0
) -> float:
    """The share of hidden scenes for which the largest of the six numbers is the right one."""
    expect_classifier(answers, (64, 64, 3), CLASSES)
    expect_small(answers)

    def measure() -> float:
        return float(
            np.mean(right(answers, hidden("shapes", int(calibration["scenes"])), scale, shift))
        )

    return float(answers.once(f"accuracy with pixels * {scale} + {shift}", "model", measure))


def expect_small(answers: Answers) -> None:
    """Fail for a model that is too large to be tried."""
    total = count_parameters(answers.architecture("model")).total
    expect(
        total <= TOO_LARGE,
        f"at most {CAP:,} parameters",
        f"{total:,}",
        misconception="over_parameter_cap",
    )


def mistake(answers: Answers, hidden: Hidden, calibration: Record, accuracy: float) -> str | None:
    """Why a model fails: it expects scaled pixels, or it has learnt nothing."""
    scaled = [accuracy_on(answers, hidden, calibration, *to) for to in SCALES]
    if max(scaled) >= calibration["pass"]:
        return "scaled_outside"
    return "untrained" if max(accuracy, *scaled) < 1 / CLASSES + 0.08 else None
