"""localizer: one trunk, two heads, a loss that fits each;
what a step moves is seen in the judge room.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np

from autograder.answers.questions import Call, Question, Random, Snippet
from autograder.architecture import Architecture
from autograder.architecture.facts import LAST, Head, trunk
from autograder.architecture.kinds import CONVOLUTIONS
from autograder.architecture.witnesses import movement
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.structure import at, shown
from autograder.records import CellError

from ._ends import adds_up_to_one, head_models, is_sigmoid, named_heads, probabilities, shaken
from ._ends import random_inputs as inputs_for

NAMES = """
import numpy as np

model = notebook["build_localizer"](*given["args"])
outputs = model(np.zeros((1, *given["args"][0]), "float32"), training=False)
answer = list(outputs) if isinstance(outputs, dict) else list(model.output_names)
"""
COMPILED = """
model = notebook["build_localizer"](*given["args"])
notebook["compile_localizer"](model)
answer = bool(model.compiled)
"""
LOSSES = """
import keras
import numpy as np

model = notebook["build_localizer"](*given["args"])
notebook["compile_localizer"](model)
images = np.zeros((1, *given["args"][0]), "float32")
outputs = model(images, training=False)
keys = list(outputs) if isinstance(outputs, dict) else list(model.output_names)
if set(keys) != {"label", "box"}:
    flat = list(outputs.values()) if isinstance(outputs, dict) else list(outputs)
    by_size = {int(value.shape[-1]): key for key, value in zip(keys, flat)}
    called = {by_size[given["args"][1]]: "label", by_size[4]: "box"}
else:
    called = {"label": "label", "box": "box"}


def loss(label, box, found):
    given_as = {"label": np.array([label]), "box": np.array([box], "float32")}
    tensors = {
        key: keras.ops.convert_to_tensor(np.array([found[called[key]]], "float32")) for key in keys
    }
    targets = {key: given_as[called[key]] for key in keys}
    structure = tensors if isinstance(outputs, dict) else [tensors[key] for key in keys]
    value = model.compute_loss(images, targets, structure)
    return float(np.mean(keras.ops.convert_to_numpy(value)))


boxes, shares = given["boxes"], given["shares"]
right = boxes[0][0]
answer = {
    "label": [
        [loss(label, right, {"label": row, "box": right}) for row in shares[label]]
        for label in range(len(shares))
    ],
    "box": [[loss(0, way[0], {"label": shares[0][0], "box": box}) for box in way] for way in boxes],
}
"""
FIT = """
import keras
import numpy as np

model = notebook["build_localizer"](*given["args"])
notebook["compile_localizer"](model)
targets = {"label": given["labels"], "box": given["boxes"]}
history = model.fit(given["images"], targets, batch_size=8, epochs=1, verbose=0)
answer = float(history.history["loss"][-1])
"""
CASES = ("default", "other")
# pixels up to here: a network without rescaling may answer 0 and 1 to bright ones,
# and stand still
BRIGHT = (1.0, 40.0)
BOX = (0.25, 0.3, 0.65, 0.75)
WAYS = (
    (0.08, 0, 0, 0),
    (0, 0.08, 0, 0),
    (0, 0, 0.08, 0),
    (0, 0, 0, 0.08),
    (-0.08, 0, 0, 0),
    (0, 0, 0, -0.08),
    (0.1, 0.1, 0.1, 0.1),
    (-0.08, -0.08, -0.08, -0.08),
    tuple(-side / 4 for side in BOX),
)
"""Ways in which a box goes wrong: each side by itself, the whole shifted, the whole made smaller by
one factor.
"""


def questions(rng: np.random.Generator) -> dict[str, Question]:
    side, across = (int(n) for n in 16 * rng.choice(range(3, 6), 2, replace=False))
    classes = int(rng.choice([2, 3, 5, 7, 8]))
    args = ((side, across, 3), classes)
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 3)]
    data = {
        "images": Random((16, *args[0]), seeds[0], "integers", 0, 256, "uint8"),
        "labels": Random((16,), seeds[1], "integers", 0, classes, "int64"),
        "boxes": Random((16, 4), seeds[2], "uniform"),
    }
    return {
        "default": Call("build_localizer", ((64, 64, 3), 6)),
        "other": Call("build_localizer", args),
        "names": Snippet(NAMES, {"args": args}),
        "compiled": Snippet(COMPILED, {"args": args}),
        "losses": Snippet(LOSSES, {"args": args, "boxes": boxes(), "shares": shares(classes)}),
        "fit": Snippet(FIT, {"args": args, **data}),
    }


@weight(2)
def test_named_outputs(answers: Answers) -> None:
    """The outputs go by the names `label` and `box`."""
    heads_of(answers, "other")
    found = sorted(answers.value("names"))
    expect(found == ["box", "label"], "outputs named «label» and «box»", ", ".join(found),
           misconception="outputs_unnamed")  # fmt: skip


@weight(3)
def test_one_trunk(answers: Answers) -> None:
    """Both heads stand on one convolutional trunk."""
    for case in CASES:
        architecture, heads = heads_of(answers, case)
        shared = [node for node in trunk(architecture) if node.kind in CONVOLUTIONS]
        own = [[node for node in head.own if node.kind in CONVOLUTIONS] for head in heads.values()]
        expect(
            bool(shared) and min(map(len, own)) <= len(shared),
            "convolutions that both outputs share",
            f"{len(shared)} shared, {len(own[0])} and {len(own[1])} not",
            misconception="two_trunks" if all(own) else None,
            place=at(own[0] + own[1]),
        )


@weight(2)
def test_last_layer_for_each(answers: Answers) -> None:
    """Each head has a last layer of its own."""
    for case in CASES:
        _, heads = heads_of(answers, case)
        own = [any(node.kind in LAST for node in head.own) for head in heads.values()]
        expect(
            all(own),
            "a last layer that no other output needs",
            "one layer for both outputs",
            misconception="one_layer_for_both_heads",
            place=at(head.node for head in heads.values()),
        )


@weight(2)
def test_label(answers: Answers) -> None:
    """`label` is a softmax over the classes."""
    for case in CASES:
        head, values, classes = *output(answers, case, "label"), classes_of(answers, case)
        expect(
            head.node.shape == (None, classes),
            f"{classes} numbers for each image",
            shown(head.node),
            misconception="dense_on_feature_map" if head.rank == 4 else None,
            place=at([head.node]),
        )
        expect(
            adds_up_to_one(values),
            "numbers that add up to 1 (softmax)",
            f"others ({head.activation})",
            misconception="label_not_softmax",
            place=at([head.node]),
        )


@weight(2)
def test_box(answers: Answers) -> None:
    """`box` is four sigmoids."""
    for case in CASES:
        head, values = output(answers, case, "box")
        expect(
            head.node.shape == (None, 4),
            "four numbers for each image",
            shown(head.node),
            place=at([head.node]),
        )
        expect(
            not adds_up_to_one(values),
            "four numbers that are free of each other",
            "numbers that add up to 1",
            misconception="softmax_over_box",
            place=at([head.node]),
        )
        expect(
            is_sigmoid(head, values),
            "four sigmoids",
            head.activation,
            misconception="box_unbounded",
            place=at([head.node]),
        )


@weight(2)
@needs("test_one_trunk", "test_last_layer_for_each")
def test_step_moves_the_trunk(answers: Answers) -> None:
    """A step of training moves every convolution of the trunk,
    through the label alone and through the box alone.
    """
    architecture, _ = heads_of(answers, "default")
    shared = {node.path for node in trunk(architecture) if node.kind in CONVOLUTIONS}
    model = answers.model("default")
    for name, part in head_models(model, architecture, 6).items():
        targets = (
            np.random.default_rng(2).normal(size=(8, *part.output_shape[1:])).astype("float32")
        )
        with shaken(part):
            steps = [
                movement(part, inputs_for(part, high, seed=1, n=8), targets, "mse", 1.0)
                for high in BRIGHT
            ]
        still = sorted(shared - {path for step in steps for path in step.layers})
        expect(
            not still,
            f"a trunk that learns through «{name}»",
            f"{', '.join(still)} stayed as it was",
            misconception="trunk_frozen",
        )


@weight(2)
def test_compiled_in_place(answers: Answers) -> None:
    """`compile_localizer` compiles the model that it is given."""
    answers.answer("compiled", mistake_in_error)
    expect(answers.value("compiled"), "the very model, compiled", "one that is not compiled",
           misconception="not_compiled_in_place")  # fmt: skip


@weight(2)
@needs("test_compiled_in_place")
def test_loss_of_the_label(answers: Answers) -> None:
    """The loss falls as the share given to the right class, a whole number, grows."""
    answers.answer("losses", mistake_in_error)
    classes = answers.value("losses")["label"]
    flat = max(np.ptp(losses) for losses in classes) < 1e-6
    for losses in classes:
        expect(falls(losses), "a loss that falls as the right class gets more", rounded(losses),
               misconception="head_without_loss" if flat else "loss_does_not_fit")  # fmt: skip


@weight(2)
@needs("test_compiled_in_place")
def test_loss_of_the_box(answers: Answers) -> None:
    """The loss grows as a box moves away from the right one, in any direction."""
    answers.answer("losses", mistake_in_error)
    ways = answers.value("losses")["box"]
    flat = max(np.ptp(losses) for losses in ways) < 1e-6
    for losses in ways:
        expect(
            falls(losses[::-1]),
            "a loss that grows with the distance to the right box",
            rounded(losses),
            misconception="head_without_loss" if flat else "loss_does_not_fit",
        )


@needs("test_compiled_in_place")
def test_trains_from_dictionaries(answers: Answers) -> None:
    """`fit` takes labels and boxes by name, and the loss is finite."""
    answers.answer("fit", mistake_in_error)
    expect(bool(np.isfinite(float(answers.value("fit")))), "a finite loss", answers.value("fit"))


def heads_of(answers: Answers, case: str) -> tuple[Architecture, dict[str, Head]]:
    architecture = answers.architecture(case)
    return architecture, named_heads(architecture, classes_of(answers, case))


def output(answers: Answers, case: str, name: str) -> tuple[Head, np.ndarray]:
    """A head, and what it gives for random images."""
    architecture, heads = heads_of(answers, case)
    return heads[name], probabilities(
        head_models(answers.model(case), architecture, classes_of(answers, case))[name]
    )


def shares(classes: int) -> tuple[Any, ...]:
    """For each class, three predictions that give it more and more."""
    rest = [[(1 - share) / (classes - 1)] * classes for share in (0.15, 0.5, 0.9)]
    return tuple(
        tuple(
            tuple(share if n == label else other[0] for n in range(classes))
            for share, other in zip((0.15, 0.5, 0.9), rest, strict=True)
        )
        for label in range(classes)
    )


def boxes() -> tuple[Any, ...]:
    """For each way, the right box, one beside it, and one further away."""
    return tuple(
        tuple(tuple(b + k * step for b, step in zip(BOX, way, strict=True)) for k in range(3))
        for way in WAYS
    )


def falls(losses: list[float]) -> bool:
    """Whether each number is clearly smaller than the one before it."""
    return all(np.isfinite(losses)) and all(
        b < a - 1e-5 * abs(a) for a, b in itertools.pairwise(losses)
    )


def rounded(losses: list[float]) -> str:
    return " → ".join(f"{loss:.4g}" for loss in losses)


def mistake_in_error(error: CellError) -> str | None:
    """The known mistake behind an error while compiling or fitting."""
    text = error.message
    if "must call `compile" in text or "No loss to compute" in text:
        return "not_compiled_in_place"
    if "`metrics`" in text:
        return "metrics_without_names"
    if "can't be found in either" in text or "Expected keys" in text:
        return "loss_under_another_name"
    if re.search(r"`output` must have rank.*output\.shape=\((\d+, ){3}", text):
        return "dense_on_feature_map"
    if "`output` must have rank" in text or "must be provided as an integer" in text:
        return "losses_in_another_order"
    return "loss_needs_one_hot" if "same rank" in text or "same shape" in text else None


def classes_of(answers: Answers, case: str) -> int:
    asked = answers.questions[case]
    assert isinstance(asked, Call)
    return int(asked.args[1])
