"""two_inputs: an image and its metadata, each processed by itself, concatenated as vectors."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.facts import heads
from autograder.architecture.kinds import CONVOLUTIONS, NORMS
from autograder.architecture.reach import inputs_reaching
from autograder.judge import (
    Call,
    Case,
    Question,
    Random,
    Snippet,
    cases,
    expect,
    needs,
    reported,
    weight,
)
from autograder.judge.expectations import listed
from autograder.judge.structure import activation_at, at, lacking, names, shown
from autograder.judge.trained import expect_pixels

from ._ends import adds_up_to_one, names_of_inputs, probabilities
from ._mistakes import bare_mistake, head_mistake, inputs_error, maps_mistake, meeting_mistake
from ._pairs import expect_training, idle_inputs, inputs_of, meeting, own_layers

STEP = """
import keras
import numpy as np

model = notebook["build_two_input"](*given["args"])
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy")


def arrays():
    return [np.array(keras.ops.convert_to_numpy(weight)) for weight in model.trainable_weights]


before = arrays()
data = {"image": given["image"], "metadata": given["metadata"]}
history = fit(model, data, given["labels"], batch_size=16)
moved = [not np.array_equal(old, new) for old, new in zip(before, arrays())]
answer = {"loss": float(history.history["loss"][-1]), "moved": sum(moved)}
"""


def questions(rng: np.random.Generator) -> dict[str, Question]:
    side, across = (int(n) for n in 8 * rng.choice(range(4, 9), 2, replace=False))
    shape = (side, across, 1)
    dim = int(rng.integers(5, 12))
    classes = int(rng.choice([2, 3, 4, 5, 7, 8, 9]))
    seeds = [int(seed) for seed in rng.integers(1, 2**31, 3)]
    given = {
        "args": (shape, dim, classes),
        "image": Random((16, *shape), seeds[0], "integers", 0, 256, "uint8"),
        "metadata": Random((16, dim), seeds[1], "uniform"),
        "labels": Random((16,), seeds[2], "integers", 0, classes, "int64"),
    }
    return {
        "default": Call("build_two_input", ((64, 64, 3), 4, 6)),
        "other": Call("build_two_input", (shape, dim, classes)),
        "step": Snippet(STEP, given),
    }


@weight(2)
@cases("other")
def test_named_inputs(case: Case) -> None:
    """The inputs go by the names `image` and `metadata`."""
    found = names_of_inputs(case.architecture)
    right = found == ["image", "metadata"]
    expect(right, "inputs named «image», «metadata»", listed(found), mistake="inputs_unnamed")


@weight(2)
@cases("default", "other")
def test_both_inputs_count(case: Case) -> None:
    """Both inputs reach the output."""
    expect_image_and_vector(case)
    idle = idle_inputs(case.architecture)
    wanted, found = "a way from each input to the output", f"nothing reads {names(idle)}"
    expect(not idle, wanted, found, mistake="input_unused", place=at(idle))


@weight(4)
@needs("test_both_inputs_count")
@cases("default", "other")
def test_branches(case: Case) -> None:
    """Image and metadata pass layers of their own that train, then they are concatenated as
    vectors.
    """
    there, bare = meeting(case.architecture), bare_inputs(case.architecture)
    wanted, place = "a concatenation of two vectors, one of each input", at([there.node])
    expect(there.joins_vectors, wanted, there.words, meeting_mistake(there), place=place)
    found = f"none that learn for {names(bare)} before they meet"
    wanted, missing = "layers that learn for each input", lacking("layers that learn", bare)
    expect(not bare, wanted, found, bare_mistake(bare), missing=missing)
    expect_training(case.architecture)


@weight(2)
@cases("default", "other")
def test_convolutions_see_the_image_only(case: Case) -> None:
    """There are convolutions, and they see the image alone, in all its shades."""
    expect_image_and_vector(case)
    case.expect('count("conv|sepconv|dwconv|upconv")', mistake="no_convolution")
    other = other_convolutions(case.architecture)
    wanted, found = "convolutions that see the image alone", f"the metadata reach {names(other)}"
    expect(not other, wanted, found, maps_mistake(case), place=at(other))
    expect_pixels(image_of(case.architecture))


@weight(2)
@cases("default", "other")
def test_output(case: Case) -> None:
    """There is one output, a probability for each class."""
    first, *others = heads(case.architecture)
    expect(not others, "one output", 1 + len(others))
    case.expect(f"head(units={case.args[2]}, rank=2)", mistake=head_mistake(first))
    softmax, found = adds_up_to_one(probabilities(case.model)), f"others ({first.activation})"
    wanted = "numbers that add up to 1 (softmax)"
    where = activation_at(first.node, first.activation, "softmax")
    expect(softmax, wanted, found, mistake="label_not_softmax", **where)


@weight(3)
@needs("test_named_inputs")
@cases("step")
@reported
def test_trains_from_a_dictionary(case: Case) -> None:
    """A step of training works with data given by name."""
    loss, moved = case.value["loss"], case.value["moved"]
    found = f"loss {loss}, {moved} arrays moved"
    expect(np.isfinite(loss) and moved > 0, "a finite loss, and weights that move", found)


@weight(2)
@cases("default")
def test_parameter_cap(case: Case) -> None:
    """For images of 64×64×3, four metadata and six classes it has at most 200,000 parameters."""
    expect_image_and_vector(case)
    case.expect("parameters <= 200_000", mistake="over_parameter_cap")


diagnose = inputs_error


def expect_image_and_vector(case: Case) -> None:
    """Fail unless an image and a vector go in."""
    inputs = inputs_of(case.architecture)
    shapes = f"inputs of shape {', '.join(map(shown, inputs))}"
    expect(ranks(inputs) == [2, 4], "two inputs, an image and a vector", shapes)


def ranks(nodes: Iterable[Node]) -> list[int]:
    """How many axes tensors have, batch included, in order of size."""
    return sorted(len(node.shape or ()) for node in nodes)


def bare_inputs(architecture: Architecture) -> list[Node]:
    """The inputs without layers of their own that learn; to be normalised is not enough."""
    own = own_layers(architecture, frozenset(NORMS))
    return [node for node, layers in zip(inputs_of(architecture), own, strict=True) if not layers]


def image_of(architecture: Architecture) -> Node:
    """The input that is an image."""
    return next(node for node in inputs_of(architecture) if len(node.shape or ()) == 4)


def other_convolutions(architecture: Architecture) -> list[Node]:
    """The convolutions, in the canonical form, that see anything but the image."""
    form = canonical(architecture)
    image = image_of(form).id
    reached = inputs_reaching(form)
    convolutions = [node for node in form.nodes if node.kind in CONVOLUTIONS]
    return [node for node in convolutions if reached[node.id] != {image}]
