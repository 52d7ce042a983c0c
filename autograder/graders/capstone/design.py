"""design: a functional model of the student's own, within a budget,
with three features that do something in it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from autograder.architecture import Architecture
from autograder.judge import Call, Case, Question, Snippet, cases, expect, needs, weight
from autograder.judge.trained import expect_pixels, expect_probabilities, takes

from ._features import WORDS, features, frozen_base
from ._mistakes import activation_mistake, budget_mistake, classes_mistake, features_mistake

BUDGET = 400_000
MADE = """
from keras.src.layers.layer import Layer
made, original = [], Layer.__init__

def watched(layer, *args, **kwargs):
    original(layer, *args, **kwargs)
    made.append([type(layer).__name__, str(layer.name)])

Layer.__init__ = watched
try:
    notebook.build_model((64, 64, 3), 6)
finally:
    Layer.__init__ = original
answer = made[:2000]
"""


def questions(rng: np.random.Generator) -> dict[str, Question]:
    return {
        "default": Call("build_model", ((64, 64, 3), 6), weights=True),
        "other_classes": Call("build_model", ((64, 64, 3), int(rng.integers(7, 13)))),
        "other_size": Call("build_model", ((96, 128, 3), int(rng.integers(2, 5)))),
        "made": Snippet(MADE, structure=True),
    }


@weight(2)
@cases("default")
def test_one_feature(case: Case) -> None:
    """At least one of the six features is on the way from the input to the output."""
    expect_features(case, 1)


@weight(2)
@cases("default")
def test_two_features(case: Case) -> None:
    """At least two of the six features are on the way from the input to the output."""
    expect_features(case, 2)


@weight(4)
@cases("default")
def test_three_features(case: Case) -> None:
    """At least three of the six features are on the way from the input to the output."""
    expect_features(case, 3)


@weight(2)
@needs("test_one_feature")
@cases("default")
def test_budget(case: Case) -> None:
    """For 64×64×3 pixels and 6 classes, at most 400,000 parameters train."""
    case.expect(f"trainable <= {BUDGET}", mistake=budget_mistake)


@weight(2)
@needs("test_one_feature")
@cases("default", "other_classes")
def test_softmax(case: Case) -> None:
    """The output is one vector an image: a probability for each class."""
    outputs = len(case.architecture.outputs)
    expect(outputs == 1, "one output", outputs)
    case.expect(f'output("{case.args[1]}")', mistake=classes_mistake)
    expect_probabilities(default(case), pixels(), activation_mistake)


@needs("test_softmax")
@cases("default")
def test_looks_at_the_image(case: Case) -> None:
    """What it says of two images differs."""
    values = np.asarray(case.model(pixels(), training=False))
    differ = float(np.ptp(values, axis=0).max())
    found = "the same probabilities for each"
    wanted = "other probabilities for other images"
    expect(differ > 0, wanted, found, mistake="image_ignored")


@needs("test_one_feature")
@cases("default")
def test_functional(case: Case) -> None:
    """It is a functional model of one image, not a Sequential one."""
    functional = is_functional(case.architecture)
    wanted, found = "a functional model", "a Sequential model"
    expect(functional, wanted, found, mistake="sequential_model")
    expect(reads_images(case), f"one input of shape {case.args[0]}", input_shapes(case))
    expect_pixels(case.architecture.node(case.architecture.inputs[0]))


@needs("test_one_feature")
@cases("other_size")
def test_other_sizes(case: Case) -> None:
    """Another input shape gives a model for it, unless something in it insists on its own."""
    if frozen_base(default(case)) or case.answers.refusal(case.name) is not None:
        return  # a pretrained base, or a part that is built once for all calls
    wanted, found = f"an input of shape {case.args[0]}", input_shapes(case)
    fits = takes(case.architecture, case.args[0])
    expect(fits, wanted, found, mistake="settings_hard_coded")


def expect_features(case: Case, number: int) -> None:
    """Fail with fewer features than that."""
    found = features(case)
    there = [WORDS[name] for name, nodes in found.items() if nodes]
    wanted = f"{number} of: {', '.join(WORDS.values())}"
    said = f"{len(there)}: {', '.join(there)}" if there else "none of them between input and output"
    expect(len(there) >= number, wanted, said, features_mistake(case))


def default(case: Case) -> Case:
    """The case of the model whose weights are known."""
    return replace(case, name="default")


def pixels() -> np.ndarray:
    """Six images of noise."""
    return np.random.default_rng(5).integers(0, 256, (6, 64, 64, 3)).astype("float32")


def is_functional(architecture: Architecture) -> bool:
    """Whether a model is a graph of calls and no chain, whatever its class is called."""
    return "input_layers" in architecture.config["config"]


def reads_images(case: Case) -> bool:
    """Whether the only input is of the shape that was asked for."""
    return len(case.architecture.inputs) == 1 and takes(case.architecture, case.args[0])


def input_shapes(case: Case) -> str:
    """What the model reads."""
    given = [case.architecture.node(number).shape or () for number in case.architecture.inputs]
    return ", ".join(str(shape[1:]) for shape in given) or "none"
