"""build_model: one hidden layer, then a probability for each class."""

from __future__ import annotations

import numpy as np

from autograder.judge import Call, Case, Question, cases, weight

from ._mistakes import hidden_mistake, output_mistake


def questions(rng: np.random.Generator) -> dict[str, Question]:
    return {
        "small": Call("build_model", (int(rng.integers(3, 9)), 2)),
        "large": Call("build_model", (int(rng.integers(20, 40)), int(rng.integers(5, 10)))),
    }


@weight(3)
@cases("small", "large")
def test_hidden_layer(case: Case) -> None:
    """One hidden layer of 32 units with ReLU comes before the last layer."""
    case.expect('path("dense:32 relu dense softmax?")', mistake=hidden_mistake)


@weight(2)
@cases("small", "large")
def test_probabilities(case: Case) -> None:
    """The output is a probability for each class."""
    _, classes = case.args
    case.expect(f'head(units={classes}, activation="softmax")', mistake=output_mistake)


@cases("large")
def test_parameters(case: Case) -> None:
    """There are no more parameters than these two layers have."""
    features, classes = case.args
    case.expect(f"parameters <= {(features + 1) * 32 + 33 * classes}")
