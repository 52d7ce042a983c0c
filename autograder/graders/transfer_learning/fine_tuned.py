"""fine_tuned: accuracy on hidden scenes, then what fine-tuning moved in the released backbone,
and honest measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from labkit import scenes

from autograder.judge import (
    Blocked,
    Case,
    Question,
    Variable,
    cases,
    expect,
    hint,
    needs,
    weight,
)
from autograder.judge.expectations import apart, listed
from autograder.judge.trained import expect_classifier, takes

from ._accuracy import Hidden, Record, Stored, accuracy, expect_accuracy
from ._mistakes import input_mistake, others_mistake, output_mistake, tuning_mistake
from ._tuned import CLASSES, changed_others, kernel_changes, tuned_layers

# The reference builds on build_frozen and unfreeze_from, but a student need not: so no NEEDS.
KEYS = ("scratch", "features", "frozen", "fine_tuned")
TOLERANCE = 0.05
LEAST = 1e-5  # change of a kernel that has been trained


def questions(_: np.random.Generator) -> dict[str, Question]:
    return {
        "model": Variable("fine_tuned_model", weights=True),
        "accuracies": Variable("accuracies", weights=False),
    }


@weight(5)
@hint("Was the head trained to its end before the base was unfrozen?")
@cases("model")
def test_reaches_threshold(case: Case, hidden: Hidden, calibration: Record) -> None:
    """On scenes that nobody has seen, the model is right often enough
    to show that it was fine-tuned well.
    """
    expect_classifier(case, (64, 64, 3), CLASSES, input_mistake, output_mistake)
    found = accuracy(case, hidden("fewshot", int(calibration["scenes"])))
    expect_accuracy(case, found, calibration, tuning_mistake(case, found, calibration))


@weight(3)
@needs("test_reaches_threshold")
@cases("model")
def test_rest_of_the_backbone(case: Case) -> None:
    """All arrays of the backbone that stay frozen, those of its batch norms included,
    are the released ones, bit for bit.
    """
    others = changed_others(case)
    wanted = f"arrays as released everywhere but in {' and '.join(tuned_layers())}"
    expect(not others, wanted, f"others in {listed(others)}", others_mistake(others))


@weight(3)
@needs("test_reaches_threshold")
@cases("model")
def test_kernels_moved_a_little(case: Case, calibration: Record) -> None:
    """Every kernel from block 4 on has moved, and by little."""
    change, largest = kernel_changes(case), calibration["largest_change"]
    moved, near = min(change.values()) > LEAST, max(change.values()) <= largest
    wanted = f"relative changes of at most {apart(largest, max(change.values()), '.2f')[0]}"
    expect(moved, "kernels that were trained", shown(change), mistake="not_fine_tuned")
    expect(near, wanted, shown(change), mistake="steps_too_large")


@needs("test_reaches_threshold")
@cases("accuracies")
def test_four_accuracies(case: Case) -> None:
    """`accuracies` holds four numbers between 0 and 1: scratch, features, frozen, fine_tuned."""
    found = measured(case)
    missing = sorted(set(KEYS) - found.keys())
    expect(not missing, f"the keys {', '.join(KEYS)}", f"{listed(missing)} missing")
    odd = no_shares(found)
    expect(not odd, "numbers between 0 and 1", odd, mistake="accuracy_in_percent")


@needs("test_four_accuracies")
@cases("model")
def test_fine_tuned_accuracy_is_right(case: Case) -> None:
    """The accuracy given for the fine-tuned model is the one that it has
    on the validation split.
    """
    expect_agrees(case, "fine_tuned", accuracy(case, scenes("fewshot", "validation")))


@needs("test_four_accuracies")
@cases("model")
def test_features_accuracy_is_right(case: Case, hidden: Hidden) -> None:
    """The accuracy given for stored features is the one of `trained_feature_classifier`
    on the validation split.
    """
    labels = scenes("fewshot", "validation").labels
    features = Stored(hidden.derived("validation_features"), labels)
    expect_agrees(case, "features", accuracy(feature_classifier(case, features), features))


def shown(change: Mapping[str, float]) -> str:
    """Relative changes of kernels in words."""
    return ", ".join(f"«{layer}» changed by {by:.3g}" for layer, by in change.items())


def measured(case: Case) -> dict[str, Any]:
    """The student's dictionary, whose numbers may be scalars of any library."""
    answer = case.answers.answer(case.name)
    if answer.outcome == "array" and answer.type == "dict":
        return plain(answer.arrays())
    found = case.value
    expect(isinstance(found, dict), "a dictionary", answer.type or "None")
    return plain(found)


def plain(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers without arrays around them."""
    return {
        key: one.item() if isinstance(one, np.ndarray) and one.size == 1 else one
        for key, one in numbers.items()
    }


def no_shares(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """The accuracies that are no numbers between 0 and 1."""
    return {key: numbers[key] for key in KEYS if not _is_share(numbers[key])}


def expect_agrees(case: Case, key: str, again: float) -> None:
    """Fail unless the student measured what is measured again."""
    claimed = float(measured(replace(case, name="accuracies"))[key])
    wanted = f"about {again:.2f} for {key}, as measured again"
    close = abs(claimed - again) <= TOLERANCE
    expect(close, wanted, f"{claimed:.2f}", mistake="measured_elsewhere")


def feature_classifier(case: Case, features: Stored) -> Case:
    """The case of the classifier on stored features.

    Raises:
        Blocked: there is none that takes them.
    """
    other = replace(case, answers=case.answers.of("feature_classifier"))
    if other.answers.outcome("model").outcome != "model":
        raise Blocked("feature_classifier", "there is no trained_feature_classifier to measure")
    if not takes(other.architecture, features.images.shape[1:]):
        raise Blocked("feature_classifier", "trained_feature_classifier takes other features")
    return other


def _is_share(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
