"""feature_classifier: a small classifier on stored features, trained;
and the function that builds it, by itself.
"""

from __future__ import annotations

import numpy as np
from labkit import backbone

from autograder.judge import Call, Case, Question, Variable, cases, needs, weight
from autograder.judge.trained import expect_classifier, expect_probabilities

from ._accuracy import Hidden, Record, Stored, accuracy, expect_accuracy
from ._mistakes import features_input_mistake, guessing_mistake, output_mistake

# The reference stores its features with extract_features, but a student need not: so no NEEDS.
FEATURES, CLASSES = (4, 4, 96), 6  # of "minivgg"; a course may have another backbone
LATER = "Is it still getting better when you stop, or does it overfit?"


def questions(rng: np.random.Generator) -> dict[str, Question]:
    side, channels, classes = (
        int(n) for n in (rng.integers(2, 8), rng.integers(8, 40), rng.integers(2, 12))
    )
    return {
        "model": Variable("trained_feature_classifier", weights=True),
        "default": Call("build_feature_classifier", (FEATURES, CLASSES)),
        "other": Call("build_feature_classifier", ((side, side + 1, channels), classes)),
    }


@weight(4)
@cases("model")
def test_reaches_threshold(case: Case, hidden: Hidden, calibration: Record) -> None:
    """On the features of scenes that nobody has seen,
    the classifier is right often enough to have learnt.
    """
    expect_reads(case, tuple(backbone().output_shape[1:]), CLASSES)
    labels = hidden("fewshot", int(calibration["scenes"])).labels
    found = accuracy(case, Stored(hidden.derived("hidden_features"), labels))
    expect_accuracy(case, found, calibration, guessing_mistake(case, found), hint=LATER)


@weight(2)
@cases("default", "other")
def test_reads_features(case: Case) -> None:
    """The function builds a model for features of the shape asked for, not for images."""
    expect_reads(case, *case.args)


@needs("test_reads_features")
@cases("default", "other")
def test_probabilities(case: Case) -> None:
    """Its outputs are probabilities: none negative, together 1 for each image."""
    features = np.abs(np.random.default_rng(0).normal(size=(4, *case.args[0])))
    expect_probabilities(case, features.astype("float32"), mistake="softmax_missing")


@needs("test_reads_features")
@cases("default")
def test_no_augmentation(case: Case) -> None:
    """Nothing augments: what is stored once can't be flipped anew in each epoch."""
    case.expect('count("augment") == 0', mistake="augmentation_on_features")


def expect_reads(case: Case, shape: tuple[int, ...], classes: int) -> None:
    """Fail unless the model turns features of that shape into so many numbers."""
    expect_classifier(case, shape, classes, features_input_mistake, output_mistake)
