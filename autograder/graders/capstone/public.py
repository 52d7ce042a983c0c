"""What the public checks of the capstone's tasks claim."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
from labkit import scenes
from labkit.checks import Line, Public, is_model
from labkit.course import draw

Function = Callable[..., Any]

# On validation scenes; hidden ones are asked for a little less (calibration.json).
ASKED = {"fair_model": {"scenes": 1200, "rare_scenes": 600, "overall": 0.88, "worst_group": 0.75}}


def _design(build_model: Function) -> Iterator[Line]:
    model = build_model((64, 64, 3), 6)
    yield is_model(model), "a Keras model", "Is there a `return`?"
    yield (
        tuple(model.input_shape[1:]) == (64, 64, 3),
        "it reads images of the given shape",
        "keras.Input(input_shape).",
    )
    yield (
        tuple(model.output_shape[1:]) == (6,),
        "one output for each class",
        "Pool over the grid before the last layer.",
    )
    values = np.asarray(model(_pixels(4, 64), training=False))
    yield (
        bool(np.allclose(values.sum(axis=-1), 1, atol=1e-4)) and float(values.min()) >= 0,
        "its outputs are probabilities that add up to 1",
        "Which activation is last?",
    )
    count = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    yield (
        count <= 400_000,
        "at most 400,000 parameters train",
        f"There are {count:,}: where are most of them?",
    )
    other = build_model((64, 64, 3), 9)
    yield (
        tuple(other.output_shape[1:]) == (9,),
        "nine classes give nine outputs",
        "Is `num_classes` used?",
    )


def _audit(audit: Function) -> Iterator[Line]:
    found = audit(np.array([0, 1, 2, 2]), np.array([0, 1, 0, 2]), np.array([7, 7, 7, 4]))
    yield isinstance(found, dict), "a dictionary", "Is there a `return`?"
    keys = {"accuracy", "worst_group", "gap"}
    yield keys <= set(found), f"with the keys {', '.join(sorted(keys))}", "Spelt as in the task."
    yield (
        set(found["accuracy"]) == {4, 7},
        "an accuracy for each group that occurs: 4 and 7",
        "np.unique gives the ids.",
    )
    yield (
        abs(float(found["accuracy"][4]) - 1) < 1e-6,
        "the only sample of group 4 is right: 1.0",
        "Count hits and samples inside of the group.",
    )
    yield (
        found["worst_group"] == 7,
        "the worst group is 7",
        "The id of the group, not its place or its accuracy.",
    )
    yield (
        abs(float(found["gap"]) - 1 / 3) < 1e-6,
        "the gap is a third",
        "Best group minus worst group.",
    )
    nobody = np.array([], dtype=np.int64)
    empty = audit(nobody, nobody, nobody)
    yield (
        empty["accuracy"] == {} and empty["worst_group"] is None,
        "no samples, no groups",
        "Is there a division by zero?",
    )


def _resampling(resampling_probabilities: Function) -> Iterator[Line]:
    latent = np.array([[0.0], [0.0], [0.0], [1.0]])
    found = resampling_probabilities(latent, bins=2, alpha=0.25)
    yield isinstance(found, np.ndarray), "a NumPy array", f"This is a {type(found).__name__}."
    yield np.shape(found) == (4,), "one probability for each sample", "The result has shape (n,)."
    yield (
        abs(float(np.sum(found)) - 1) < 1e-6,
        "together they are 1",
        "Divide by their sum at the end.",
    )
    yield (
        float(found[3]) > float(found[0]),
        "the rare sample gets more than a frequent one",
        "1 / Q, not Q.",
    )
    yield (
        abs(float(found[3]) - 2 * float(found[0])) < 1e-6,
        "Q is 3/4 and 1/4: with alpha = 1/4 the rare sample gets twice as much",
        "Q is a share of the samples, and alpha is added to it before you divide.",
    )
    wide = resampling_probabilities(np.random.default_rng(0).normal(size=(50, 16)))
    yield (
        bool(np.isfinite(wide).all()),
        "16 dimensions give finite numbers",
        "Is a bin empty, or the product too large?",
    )


def _fair_model(fair_model: Any) -> Iterator[Line]:
    yield (
        is_model(fair_model),
        "a Keras model",
        f"This is a {type(fair_model).__name__}; `fit` returns a history.",
    )
    yield (
        tuple(fair_model.output_shape[1:]) == (6,),
        "one output for each class",
        "Pool over the grid first.",
    )
    asked = ASKED["fair_model"]
    some, rare = _validation(int(asked["scenes"])), _rare(int(asked["rare_scenes"]))
    right, by_night = (_right(fair_model, one) for one in (some, rare))
    overall = float(right.mean())
    yield (
        overall >= asked["overall"],
        f"{overall:.1%} of {len(some):,} validation scenes right: at least {asked['overall']:.0%}",
        (
            "Was it fitted in this session, on pairs of image and label, "
            "with raw pixels rescaled inside?"
        ),
    )
    worst = float(min(by_night.mean(), right[some.groups == 0].mean()))
    yield (
        worst >= asked["worst_group"],
        f"in the worst group {worst:.1%}: at least {asked['worst_group']:.0%}",
        (
            "How often does the model see scenes of that group, "
            "and can its first layers make anything of them?"
        ),
    )


def _right(model: Any, some: Any) -> Any:
    guesses = np.asarray(model.predict(some.images, batch_size=100, verbose=0)).argmax(axis=-1)
    return guesses == some.labels


@cache
def _validation(n: int) -> Any:
    return scenes("biased", "validation", n=n)


@cache
def _rare(n: int) -> Any:
    """Scenes of group 1 alone: in the validation split there are too few to measure with."""
    return draw("biased_rare", "public validation", n)


def _pixels(n: int, side: int) -> Any:
    return np.random.default_rng(0).integers(0, 256, (n, side, side, 3)).astype(np.float32)


TASKS: dict[str, Public] = {
    "design": Public(("build_model",), _design),
    "audit": Public(("audit",), _audit),
    "resampling": Public(("resampling_probabilities",), _resampling),
    "fair_model": Public(("fair_model",), _fair_model),
}
