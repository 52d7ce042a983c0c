"""What the graders of trained classifiers of scenes share:
the ends of the model, and pixels as students scale them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.judge.answers import Answers
from autograder.judge.expectations import expect
from autograder.judge.structure import shown, structure

SCALES = ((1 / 255, 0.0), (1 / 127.5, -1.0))  # what students do to pixels outside of a model


def expect_classifier(answers: Answers, classes: int) -> None:
    """Fail unless the model turns an image of 64×64×3 into so many numbers."""
    architecture = answers.architecture("model")
    given = architecture.node(architecture.inputs[0]).shape or ()
    output = structure(architecture).output
    fits = len(given) == 4 and all(
        size in {None, wanted} for size, wanted in zip(given[1:], (64, 64, 3), strict=True)
    )
    ends = len(architecture.inputs), len(architecture.outputs)
    expect(
        fits and ends == (1, 1),
        "a model of one image of 64×64×3",
        f"{ends[0]} inputs, {ends[1]} outputs, {given}",
    )
    expect(
        output.shape is not None and output.shape[1:] == (classes,),
        f"{classes} numbers an image",
        shown(output),
        misconception="dense_on_feature_map" if len(output.shape or ()) == 4 else None,
    )


def right(answers: Answers, scenes: Any, scale: float = 1.0, shift: float = 0.0) -> np.ndarray:
    """For each scene, whether the largest of the model's numbers is the right one."""
    guesses = answers.model("model").predict(
        scaled(scenes.images, scale, shift), batch_size=100, verbose=0
    )
    hits: np.ndarray = guesses.argmax(axis=1) == scenes.labels
    return hits


def scaled(pixels: np.ndarray, scale: float, shift: float) -> np.ndarray:
    """The pixels as they are for (1, 0), else as float32."""
    return (
        pixels if (scale, shift) == (1.0, 0.0) else pixels * np.float32(scale) + np.float32(shift)
    )
