"""feature_classifier: a small classifier on stored features;
its shares count once the threshold is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from labkit import backbone

from autograder.answers.questions import Call, Question, Variable
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.structure import at, names, structure
from autograder.judge.trained import expect_classifier

from ._bases import accuracy, backbone_features, input_mistake

# The reference stores its features with extract_features, but a student need not: so no NEEDS.
FEATURES, CLASSES = (4, 4, 96), 6  # of "minivgg"; a course may have another backbone

Hidden = Callable[[str, int], Any]
Record = Mapping[str, float]


def questions(rng: np.random.Generator) -> dict[str, Question]:
    side, channels, classes = (
        int(n) for n in (rng.integers(2, 8), rng.integers(8, 40), rng.integers(2, 12))
    )
    return {
        "model": Variable("trained_feature_classifier", weights=True),
        "default": Call("build_feature_classifier", (FEATURES, CLASSES)),
        "other": Call("build_feature_classifier", ((side, side + 1, channels), classes)),
    }


@weight(5)
def test_reaches_threshold(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """On the features of scenes that nobody has seen,
    the classifier is right often enough to have learnt.
    """
    expect_classifier(answers, tuple(backbone().output_shape[1:]), CLASSES, mistake=input_mistake)
    scenes = int(calibration["scenes"])

    def measure() -> float:
        features, labels = backbone_features(
            answers, f"hidden {scenes}", lambda: hidden("fewshot", scenes)
        )
        return accuracy(answers.model("model"), features, labels)

    found = float(answers.once("accuracy", "model", measure))
    expect(
        found >= calibration["pass"],
        expected=f"an accuracy of at least {calibration['pass']:.1%} on {scenes:,} new scenes",
        found=f"{found:.1%}",
        misconception="learnt_nothing" if found < 1 / CLASSES + 0.1 else None,
        hint=(
            ""
            if found < 1 / CLASSES + 0.1
            else "Is it still getting better when you stop, or does it overfit?"
        ),
    )


@weight(2)
@needs("test_reaches_threshold")
def test_reads_features(answers: Answers) -> None:
    """The function builds a model for features of the shape asked for, not for images."""
    for case in ("default", "other"):
        shape, classes = asked(answers, case)
        expect_classifier(answers, shape, classes, case, input_mistake)


@needs("test_reaches_threshold")
def test_probabilities(answers: Answers) -> None:
    """Its outputs are probabilities: none negative, together 1 for each image."""
    for case in ("default", "other"):
        shape, _ = asked(answers, case)
        features = np.abs(np.random.default_rng(0).normal(size=(4, *shape))).astype("float32")
        outputs = np.asarray(answers.model(case)(features, training=False))
        sums = outputs.reshape(4, -1).sum(axis=1)
        expect(
            bool((outputs >= 0).all() and np.allclose(sums, 1, atol=1e-3)),
            "probabilities that add up to 1",
            f"sums {', '.join(f'{total:.2f}' for total in sums)}",
            misconception="softmax_missing",
        )


@needs("test_reaches_threshold")
def test_no_augmentation(answers: Answers) -> None:
    """Nothing augments: what is stored once can't be flipped anew in each epoch."""
    found = structure(answers.architecture("default")).of_kind("augment")
    expect(not found, "no augmentation in a model of features", names(found),
           misconception="augmentation_on_features", place=at(found))  # fmt: skip


def asked(answers: Answers, case: str) -> tuple[tuple[int, ...], int]:
    """The shape of features and the number of classes that a question asks for."""
    question = answers.questions[case]
    assert isinstance(question, Call)
    return question.args
