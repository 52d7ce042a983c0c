"""siamese: one encoder called twice, its embeddings compared
by absolute difference, one sigmoid.
"""

from __future__ import annotations

import numpy as np

from autograder.architecture import Architecture
from autograder.architecture.facts import heads
from autograder.architecture.notes import listed as told
from autograder.architecture.witnesses import shaken, symmetry, tolerance
from autograder.judge import Call, Case, Failure, Question, cases, expect, needs, weight
from autograder.judge.expectations import listed
from autograder.judge.structure import activation_at, at, names, shown
from autograder.judge.trained import expect_pixels, fits

from ._ends import is_sigmoid, names_of_inputs, probabilities, some_inputs
from ._mistakes import encoder_mistake, order_mistake, siamese_error, sigmoid_mistake
from ._pairs import (
    Comparison,
    comparison,
    embeddings,
    expect_training,
    idle_inputs,
    inputs_of,
    own_layers,
    squares,
    unshared,
)


def questions(rng: np.random.Generator) -> dict[str, Question]:
    side, across = (int(n) for n in 8 * rng.choice(range(4, 9), 2, replace=False))
    other = ((side, across, 1), int(rng.choice([5, 7, 9, 12, 20, 24, 30])))
    return {
        "default": Call("build_siamese", ((64, 64, 3), 16), weights=True),
        "other": Call("build_siamese", other, weights=True),
    }


@weight(2)
@cases("other")
def test_named_inputs(case: Case) -> None:
    """The inputs go by the names `left` and `right`."""
    found = names_of_inputs(case.architecture)
    right = found == ["left", "right"]
    expect(right, "inputs named «left», «right»", listed(found), mistake="inputs_unnamed")


@weight(5)
@cases("default", "other")
def test_one_encoder(case: Case) -> None:
    """Both images go through the same layers: each is called twice, its weights exist once, and
    they train.
    """
    own, alone = own_layers(two_images(case)), unshared(case.architecture)
    expect(any(own), "layers with weights on each image", "none")
    wanted, found = "layers that both images go through", f"only one goes through {told(alone)}"
    expect(not alone, wanted, found, encoder_mistake(case), place=at(alone))
    expect_training(case.architecture)


@weight(2)
@cases("default", "other")
def test_embedding(case: Case) -> None:
    """What is compared are two vectors of `embedding_dim` numbers."""
    size, shapes = case.args[1], compared(case).shapes
    wanted, found = f"two vectors of {size} numbers", f"tensors of shape {shapes}"
    expect(shapes == ((size,), (size,)), wanted, found, mistake="embedding_of_another_size")


@weight(3)
@cases("default", "other")
def test_symmetric(case: Case) -> None:
    """The order of the two images does not matter: f(a, b) = f(b, a) within 0.00001."""
    off = asymmetry(case)
    found = f"answers that differ by {off:.2g}"
    expect(off <= 1e-5, "the same answer in either order", found, order_mistake(case))


@weight(3)
@needs("test_embedding")
@cases("default", "other")
def test_absolute_difference(case: Case) -> None:
    """The answer depends on the absolute difference of the embeddings, number by number."""
    alone, each = depends_on(case)
    expect(alone, "an answer that depends on |a - b| alone", "another", order_mistake(case))
    wanted, found = "a weight for each of the differences", "one distance made of all of them"
    expect(each, wanted, found, mistake="one_distance")
    expect_no_square(case)


@weight(2)
@cases("default", "other")
def test_one_sigmoid(case: Case) -> None:
    """It takes two images of the shape asked for, and its one output is a sigmoid
    that depends on both.
    """
    head, *_ = heads(two_images(case))
    others = [node for node in inputs_of(case.architecture) if not fits(node, case.args[0])]
    wanted, found = f"two inputs of shape {case.args[0]}", ", ".join(map(shown, others))
    expect(not others, wanted, found, mistake="shape_hard_coded", place=at(others))
    expect_pixels(inputs_of(case.architecture)[0])
    expect_pixels(inputs_of(case.architecture)[1])
    case.expect("head(units=1, rank=2)")
    sigmoid = is_sigmoid(head, probabilities(case.model))
    where = activation_at(head.node, head.activation, "sigmoid")
    expect(sigmoid, "a sigmoid", head.activation, sigmoid_mistake(head), **where)


diagnose = siamese_error


def two_images(case: Case) -> Architecture:
    """The architecture, if it takes two images that both reach its one output."""
    architecture = case.architecture
    ends = len(architecture.inputs), len(architecture.outputs)
    expect(ends == (2, 1), "two inputs and one output", f"{ends[0]} and {ends[1]}")
    idle = idle_inputs(architecture)
    wanted, found = "a way from each image to the output", f"nothing reads {names(idle)}"
    expect(not idle, wanted, found, mistake="input_unused", place=at(idle))
    return architecture


def compared(case: Case) -> Comparison:
    """The two tensors that are compared, and what follows them.

    Raises:
        Failure: not one tensor of each image meets the other.
    """
    two_images(case)
    if (found := comparison(case)) is None:
        wanted = "one embedding of each image, and a comparison of the two"
        raise Failure(wanted, "no such pair", mistake="no_pair_of_embeddings")
    return found


def asymmetry(case: Case) -> float:
    """How far f(a, b) is from f(b, a), for images of two magnitudes."""
    two_images(case)
    pairs = [some_inputs(case.model, high, seed=3) for high in (1.0, 255.0)]
    return float(np.max([symmetry(case.model, a, b).deviation for a, b in pairs]))


def depends_on(case: Case) -> tuple[bool, bool]:
    """Whether the answer depends on the absolute difference of two embeddings alone,
    and whether on each number of it by itself.
    """
    found, (u, v) = compared(case), embeddings(case.args[1])
    with shaken(found.rest):
        plain, absolute = found.of(u, v), found.of(np.abs(u - v), np.zeros_like(u))
        mixed = found.of(u[:, ::-1], v[:, ::-1])
    alone = bool(np.allclose(plain, absolute, atol=tolerance(found.rest, 1e-4)))
    return alone, not (np.ptp(plain) > 1e-6 and np.allclose(plain, mixed, atol=1e-4))


def expect_no_square(case: Case) -> None:
    """Fail where the difference is squared."""
    squared = squares(case.architecture)
    wanted, found = "the absolute difference", f"its square, by {names(squared)}"
    expect(not squared, wanted, found, mistake="squared_difference", place=at(squared))
