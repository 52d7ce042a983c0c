"""What graders of classifiers share: the ends of the model, probabilities, and pixels as students
scale them.

Which misconception lies behind a failure is the grader's to say.
"""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from autograder.architecture import Architecture, Node
from autograder.architecture.facts import heads
from autograder.judge.case import Case, Mistake
from autograder.judge.expectations import Failure, expect
from autograder.judge.structure import activation_at, at

Shape = tuple[int, ...]

SCALES = ((1 / 255, 0.0), (1 / 127.5, -1.0))  # what students do to pixels outside of a model
LOGITS_AFTER_SOFTMAX = (
    "Your loss was told `from_logits=True`, but what it gets went through a softmax already. Keras"
    " noticed and forgave it this time; leave `from_logits` out where the model ends in a softmax."
)
NARROW = ("bool", "int8")  # types into which 255 does not go
DTYPE = (
    "Keras turns all that goes in into the type that `keras.Input` declares, so of each pixel"
    " little is left. What is the type of an input where `dtype` is left out?"
)
TOLERANCE = 5e-3  # of sums of probabilities, in either half precision too


def expect_classifier(
    case: Case,
    shape: Shape,
    classes: int,
    input_mistake: Mistake = None,
    output_mistake: Mistake = None,
) -> None:
    """Fail unless the model turns one tensor of that shape, the batch left out, into so many
    numbers; the mistakes are asked for where the one or the other is not so.
    """
    architecture = case.architecture
    ends = len(architecture.inputs), len(architecture.outputs)
    given = architecture.node(architecture.inputs[0]).shape or ()
    expect(
        takes(architecture, shape) and ends == (1, 1),
        f"a model with one input of shape {shape} and one output",
        f"{_so_many(ends[0], 'input')} of shape {given[1:]}, {_so_many(ends[1], 'output')}",
        mistake=case.named(input_mistake) if ends == (1, 1) else None,
    )
    expect_pixels(architecture.node(architecture.inputs[0]))
    case.expect(f'output("{classes}")', mistake=output_mistake)


def takes(architecture: Architecture, shape: Shape) -> bool:
    """Whether the first input is of that shape, the batch left out, or free to be."""
    return fits(architecture.node(architecture.inputs[0]), shape)


def fits(node: Node, shape: Shape) -> bool:
    """Whether a tensor is of that shape, the batch left out, or free to be."""
    given = (node.shape or ())[1:]
    return len(given) == len(shape) and all(
        found in {None, wanted} for found, wanted in zip(given, shape, strict=True)
    )


def expect_pixels(given: Node) -> None:
    """Fail if an input is declared as a type that has no room for numbers from 0 to 255, into which
    Keras turns whatever the model is called on.
    """
    declared = given.config.get("dtype")
    wanted, found = "an input of numbers from 0 to 255", f"one of type {declared}"
    expect(declared not in NARROW, wanted, found, hint=DTYPE, place=at([given]))


def expect_probabilities(case: Case, inputs: np.ndarray, mistake: Mistake = None) -> None:
    """Fail unless what the model gives for some inputs are probabilities, of each one by itself."""
    values = np.asarray(case.model(inputs, training=False))
    sums = values.reshape(len(values), -1).sum(axis=1)
    last = heads(case.architecture)[0]
    expect(
        bool(np.isfinite(values).all() and (values >= 0).all() and _add_up(sums)),
        "numbers from 0 up that add up to 1 for each image",
        f"«{last.activation}» at the end, and sums such as {sums[0]:.3g}",
        mistake=case.named(mistake),
        **activation_at(last.node, last.activation, "softmax"),
    )


def expect_learnt(
    case: Case, reached: bool, expected: str, found: str, mistake: str | None, hint: str = ""
) -> None:
    """Fail unless a threshold is reached; the hint is for where no mistake is known. Where the cell
    that trains stopped with an error, that error is told first; if it stopped before any training,
    no mistake is named.
    """
    stopped = None if reached else case.answers.stopped()
    if stopped and not was_trained(case):
        said = f"{stopped}; the untrained model: {found}"
        raise Failure(expected, said, case.answers.hint_where_stopped())
    said = f"{stopped}; {found}" if stopped else found
    expect(reached, expected, said, mistake, "" if mistake else hint)


def was_trained(case: Case) -> bool:
    """Whether the model's own optimizer has counted a step, or most biases and scales that train
    are not as Keras makes them: what was compiled again, or trained by a loop, has no such count.
    A model without any of these is believed.
    """
    arrays = case.answers.outcome(case.name).weights()
    live = case.architecture.config.get("live")
    keys = map(str, live.get("trainable_weights", ()) if isinstance(live, dict) else ())
    vectors = [arrays[key] for key in keys if key in arrays and arrays[key].ndim == 1]
    moved = [not np.isin(array, (0, 1)).all() for array in vectors]
    return not moved or 2 * sum(moved) > len(moved) or steps_of(case) > 0


def steps_of(case: Case) -> int:
    """How many steps of training the model's own optimizer has counted."""
    return int(np.max(case.answers.outcome(case.name).weights().get("optimizer:0", 0)))


def loss_fits(architecture: Architecture) -> bool:
    """Whether the one output is a softmax and the loss the cross-entropy of whole numbers with it,
    so that neither explains why a model learnt nothing.
    """
    loss = json.dumps((architecture.compile_config or {}).get("loss"), default=str).lower()
    softmax = [head.activation for head in heads(architecture)] == ["softmax"]
    return softmax and bool(re.search(r"sparse_?categorical_?crossentropy", loss))


def remark_on_logits(case: Case) -> None:
    """Say what Keras forgives: a loss that was promised raw scores, after a softmax."""
    losses = json.dumps((case.architecture.compile_config or {}).get("loss"), default=str)
    softmax = any(head.activation == "softmax" for head in heads(case.architecture))
    if softmax and '"from_logits": true' in losses:
        case.remark(LOGITS_AFTER_SOFTMAX)


def right(case: Case, items: Any, scale: float = 1.0, shift: float = 0.0) -> np.ndarray:
    """For each of some hidden items, whether the largest of the model's numbers is the label's."""
    guesses = case.model.predict(scaled(items.images, scale, shift), batch_size=100, verbose=0)
    hits: np.ndarray = guesses.argmax(axis=1) == items.labels
    return hits


def scaled(pixels: np.ndarray, scale: float, shift: float) -> np.ndarray:
    """The pixels as they are for (1, 0), else as float32."""
    return (
        pixels if (scale, shift) == (1.0, 0.0) else pixels * np.float32(scale) + np.float32(shift)
    )


def _so_many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _add_up(sums: np.ndarray) -> bool:
    return bool(np.allclose(sums, 1, atol=TOLERANCE))
