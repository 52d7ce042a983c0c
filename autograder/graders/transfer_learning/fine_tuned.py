"""fine_tuned: accuracy on hidden scenes, then what fine-tuning moved in the released backbone,
and honest measures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from labkit import backbone, scenes

from autograder.answers.questions import Question, Variable
from autograder.judge import Answers, expect, hint, needs, weight
from autograder.judge.expectations import Blocked, listed
from autograder.judge.trained import expect_classifier

from ._bases import (
    accuracy,
    arrays_of,
    backbone_features,
    compared,
    input_mistake,
    layers_from,
    layers_of,
    norms_of,
    short,
)

# The reference builds on build_frozen and unfreeze_from, but a student need not: so no NEEDS.
CLASSES = 6
FIRST = "block4_conv1"  # of the backbone's layers the first that is fine-tuned
KEYS = ("scratch", "features", "frozen", "fine_tuned")
TOLERANCE = 0.05

Hidden = Callable[[str, int], Any]
Record = Mapping[str, float]


def questions(_: np.random.Generator) -> dict[str, Question]:
    return {
        "model": Variable("fine_tuned_model", weights=True),
        "accuracies": Variable("accuracies", weights=False),
    }


@weight(5)
@hint("Was the head trained to its end before the base was unfrozen?")
def test_reaches_threshold(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """On scenes that nobody has seen, the model is right often enough
    to show that it was fine-tuned well.
    """
    expect_classifier(answers, (64, 64, 3), CLASSES, mistake=input_mistake)
    n = int(calibration["scenes"])
    found = float(answers.once("accuracy", "model", lambda: on_hidden(answers, hidden, n)))
    expect(
        found >= calibration["pass"],
        expected=f"an accuracy of at least {calibration['pass']:.1%} on {n:,} new scenes",
        found=f"{found:.1%}",
        misconception=(
            None
            if found >= calibration["pass"]
            else mistake(answers, found, calibration["largest_change"])
        ),
    )


@weight(3)
@needs("test_reaches_threshold")
def test_rest_of_the_backbone(answers: Answers) -> None:
    """All other arrays of the backbone, those of its batch norms included,
    are the released ones, bit for bit.
    """
    base = backbone()
    moved = compared(base, answers.answer("model").weights())
    expect(
        not moved.missing,
        "the released backbone inside the model",
        f"{listed(layers_of(moved.missing))} missing",
        misconception="base_not_inside",
    )
    tuned = layers_from(base, FIRST)
    layers = [layer for layer in layers_of(moved.changed) if layer not in tuned]
    expect(
        not layers,
        expected=f"arrays as released everywhere but in {' and '.join(tuned)}",
        found=f"others in {listed(layers)}",
        misconception=moved_mistake(base, layers),
    )


@weight(3)
@needs("test_reaches_threshold")
def test_kernels_moved_a_little(answers: Answers, calibration: Record) -> None:
    """Every kernel from block 4 on has moved, and by little."""
    largest = calibration["largest_change"]
    for layer, change in changes(answers).items():
        expect(
            change is not None,
            f"«{layer}» in the model",
            "no such layer",
            misconception="base_not_inside",
        )
        assert change is not None
        expect(bool(change > 1e-5), f"«{layer}» fine-tuned", "its kernel is the released one",
               misconception="not_fine_tuned")  # fmt: skip
        expect(
            bool(change <= largest),
            f"a relative change of «{layer}» of at most {largest:.2f}",
            f"{change:.2f}",
            misconception="steps_too_large",
        )


@needs("test_reaches_threshold")
def test_four_accuracies(answers: Answers) -> None:
    """`accuracies` holds four numbers between 0 and 1: scratch, features, frozen, fine_tuned."""
    found = measured(answers)
    missing = [key for key in KEYS if key not in found]
    expect(not missing, f"the keys {', '.join(KEYS)}", f"{listed(missing)} missing")
    odd = {key: found[key] for key in KEYS if not in_unit_range(found[key])}
    expect(
        not odd,
        "numbers between 0 and 1",
        odd,
        misconception="accuracy_in_percent" if odd else None,
    )


@needs("test_four_accuracies")
def test_fine_tuned_accuracy_is_right(answers: Answers) -> None:
    """The accuracy given for the fine-tuned model is the one that it has
    on the validation split.
    """
    split = scenes("fewshot", "validation")
    expect_agrees(
        answers, "fine_tuned", accuracy(answers.model("model"), split.images, split.labels)
    )


@needs("test_four_accuracies")
def test_features_accuracy_is_right(answers: Answers) -> None:
    """The accuracy given for stored features is the one of `trained_feature_classifier`
    on the validation split.
    """
    other = answers.of("feature_classifier")
    if other.outcome("model").outcome != "model":
        raise Blocked("feature_classifier", "there is no trained_feature_classifier to measure")
    model = other.model("model")
    features, labels = backbone_features(
        answers, "validation", lambda: scenes("fewshot", "validation")
    )
    if tuple(model.input_shape[1:]) != features.shape[1:]:
        raise Blocked(
            "feature_classifier", f"trained_feature_classifier takes {model.input_shape[1:]}"
        )
    expect_agrees(answers, "features", accuracy(model, features, labels))


def on_hidden(answers: Answers, hidden: Hidden, n: int) -> float:
    drawn = hidden("fewshot", n)
    return accuracy(answers.model("model"), drawn.images, drawn.labels)


def changes(answers: Answers) -> dict[str, float | None]:
    """By how much the tuned kernels have moved, in units of their length;
    None where there is no such layer.
    """
    base = backbone()
    found, wanted = answers.answer("model").weights(), arrays_of(base)
    now = {short(key): array for key, array in found.items()}
    return {
        key.partition(":")[0]: (
            float(np.linalg.norm(now[key] - wanted[key]) / np.linalg.norm(wanted[key]))
            if key in now and now[key].shape == wanted[key].shape
            else None
        )
        for key in (f"{layer}:0" for layer in layers_from(base, FIRST))
    }


def mistake(answers: Answers, found: float, largest: float) -> str | None:
    """Why a model fails on hidden scenes, as far as its arrays tell."""
    base = backbone()
    moved = compared(base, answers.answer("model").weights())
    tuned = layers_from(base, FIRST)
    layers = [layer for layer in layers_of(moved.changed) if layer not in tuned]
    if moved.missing:
        return "base_not_inside"
    if layers:
        return moved_mistake(base, layers)
    if max(change or 0.0 for change in changes(answers).values()) > largest:
        return "steps_too_large"
    return "learnt_nothing" if found < 1 / CLASSES + 0.1 else None


def moved_mistake(base: Any, layers: list[str]) -> str:
    return "batch_norm_moved" if set(layers) <= norms_of(base) else "unfreezes_everything"


def measured(answers: Answers) -> dict[str, Any]:
    """The student's dictionary, whose numbers may be scalars of any library."""
    answer = answers.answer("accuracies")
    if answer.outcome == "array" and answer.type == "dict":
        return {
            key: array.item() if array.size == 1 else None for key, array in answer.arrays().items()
        }
    value = answers.value("accuracies")
    expect(isinstance(value, dict), "a dictionary", f"{answer.type or 'None'}")
    return {
        key: one.item() if isinstance(one, np.ndarray) and one.size == 1 else one
        for key, one in value.items()
    }


def expect_agrees(answers: Answers, key: str, again: float) -> None:
    claimed = float(measured(answers)[key])
    expect(
        abs(claimed - again) <= TOLERANCE,
        f"about {again:.2f} for {key}, as measured again",
        f"{claimed:.2f}",
        misconception="measured_elsewhere",
    )


def in_unit_range(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
