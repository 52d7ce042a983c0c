"""train_classifier: accuracy on hidden scenes; the other shares count only once the first threshold is reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.judge import Answers, expect, needs, weight
from autograder.judge.structure import shown, structure
from autograder.questions import Question, Variable

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
    """On scenes that nobody has seen, the model is right often enough to show that it has learnt."""
    accuracy = accuracy_on(answers, hidden, calibration)
    expect(
        accuracy >= calibration["pass"],
        expected=f"an accuracy of at least {calibration['pass']:.1%} on {calibration['scenes']:,} new scenes",
        found=f"{accuracy:.1%}",
        misconception=None if accuracy >= calibration["pass"] else mistake(answers, hidden, calibration, accuracy),
    )


@weight(3)
@needs("test_reaches_threshold")
def test_reaches_strong_threshold(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """On the same scenes, it is right as often as a good network for these data."""
    accuracy = accuracy_on(answers, hidden, calibration)
    expect(accuracy >= calibration["strong"], f"an accuracy of at least {calibration['strong']:.1%}", f"{accuracy:.1%}",
           hint="More different scenes, augmentation, or a learning rate that falls towards the end?")  # fmt: skip


@weight(2)
@needs("test_reaches_threshold")
def test_parameter_cap(answers: Answers) -> None:
    """It has at most 250,000 parameters."""
    total = answers.architecture("model").parameters.total
    expect(total <= CAP, f"at most {CAP:,} parameters", f"{total:,}", misconception="over_parameter_cap")


@weight(3)
@needs("test_reaches_threshold")
def test_residual_connections(answers: Answers) -> None:
    """It uses residual connections."""
    sums = structure(answers.architecture("model")).blocks.sums
    expect(bool(sums), "at least one sum of a body and a shortcut around it", "none",
           misconception="no_residual_connection")  # fmt: skip


def accuracy_on(answers: Answers, hidden: Hidden, calibration: Record, scale: float = 1.0, shift: float = 0.0) -> float:
    """The share of hidden scenes for which the largest of the six numbers is the right one."""
    expect_classifier(answers)

    def measure() -> float:
        scenes = hidden("shapes", int(calibration["scenes"]))
        pixels = (
            scenes.images if (scale, shift) == (1.0, 0.0) else scenes.images * np.float32(scale) + np.float32(shift)
        )
        guesses = answers.model("model").predict(pixels, batch_size=100, verbose=0).argmax(axis=1)
        return float(np.mean(guesses == scenes.labels))

    return float(answers.once(f"accuracy with pixels * {scale} + {shift}", "model", measure))


def expect_classifier(answers: Answers) -> None:
    """Fail unless the model turns an image of 64×64×3 into six numbers."""
    architecture = answers.architecture("model")
    given, output = architecture.node(architecture.inputs[0]).shape or (), structure(architecture).output
    fits = len(given) == 4 and all(size in {None, wanted} for size, wanted in zip(given[1:], (64, 64, 3), strict=True))
    ends = len(architecture.inputs), len(architecture.outputs)
    expect(fits and ends == (1, 1), "a model of one image of 64×64×3", f"{ends[0]} inputs, {ends[1]} outputs, {given}")
    expect(output.shape is not None and output.shape[1:] == (CLASSES,), f"{CLASSES} numbers an image", shown(output),
           misconception="dense_on_feature_map" if len(output.shape or ()) == 4 else None)  # fmt: skip
    total = architecture.parameters.total
    expect(total <= TOO_LARGE, f"at most {CAP:,} parameters", f"{total:,}", misconception="over_parameter_cap")


def mistake(answers: Answers, hidden: Hidden, calibration: Record, accuracy: float) -> str | None:
    """Why a model fails: it expects scaled pixels, or it has learnt nothing."""
    scaled = [
        accuracy_on(answers, hidden, calibration, 1 / 255),
        accuracy_on(answers, hidden, calibration, 1 / 127.5, -1),
    ]
    if max(scaled) >= calibration["pass"]:
        return "scaled_outside"
    return "untrained" if max(accuracy, *scaled) < 1 / CLASSES + 0.08 else None
