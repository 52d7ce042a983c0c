"""What graders of trained classifiers share: the ends of the model, and pixels as students scale
them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.judge.answers import Answers
from autograder.judge.expectations import expect
from autograder.judge.structure import at, names

SCALES = ((1 / 255, 0.0), (1 / 127.5, -1.0))  # what students do to pixels outside of a model
Shape = tuple[int | None, ...]


def expect_classifier(
    answers: Answers,
    shape: tuple[int, ...],
    classes: int,
    question: str = "model",
    mistake: Callable[[Shape, Shape], str | None] = lambda given, wanted: None,  # noqa: ARG005
) -> None:
    """Fail unless the model turns one tensor of that shape, the batch left out, into so many
    numbers; `mistake`: the misconception behind a model that takes one shape and not the other.
    """
    architecture = answers.architecture(question)
    given = architecture.node(architecture.inputs[0]).shape or ()
    output = architecture.node(architecture.outputs[0])
    fits = len(given) == len(shape) + 1 and all(
        found in {None, wanted} for found, wanted in zip(given[1:], shape, strict=True)
    )
    ends = len(architecture.inputs), len(architecture.outputs)
    expect(
        fits and ends == (1, 1),
        f"a model with one input of shape {shape} and one output",
        f"{ends[0]} inputs, {ends[1]} outputs, the first input of shape {given[1:]}",
        misconception=mistake(given[1:], shape) if ends == (1, 1) else None,
    )
    expect(
        output.shape is not None and output.shape[1:] == (classes,),
        f"{classes} numbers for each image",
        f"an output of shape {(output.shape or ())[1:]} from {names([output])}",
        misconception="dense_on_feature_map" if len(output.shape or ()) == 4 else None,
        place=at([output]),
    )


def right(answers: Answers, items: Any, scale: float = 1.0, shift: float = 0.0) -> np.ndarray:
    """For each of some hidden items, whether the largest of the model's numbers is the label's."""
    guesses = answers.model("model").predict(
        scaled(items.images, scale, shift), batch_size=100, verbose=0
    )
    hits: np.ndarray = guesses.argmax(axis=1) == items.labels
    return hits


def scaled(pixels: np.ndarray, scale: float, shift: float) -> np.ndarray:
    """The pixels as they are for (1, 0), else as float32."""
    return (
        pixels if (scale, shift) == (1.0, 0.0) else pixels * np.float32(scale) + np.float32(shift)
    )
