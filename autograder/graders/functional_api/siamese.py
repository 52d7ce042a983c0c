"""siamese: one encoder called twice, its embeddings compared
by absolute difference, one sigmoid.
"""

from __future__ import annotations

import numpy as np

from autograder.answers.questions import Call, Question
from autograder.architecture import Architecture
from autograder.architecture.facts import heads
from autograder.architecture.parameters import count_parameters
from autograder.architecture.reach import inputs_reaching
from autograder.architecture.witnesses import outputs, symmetry
from autograder.judge import Answers, Failure, expect, needs, weight
from autograder.judge.structure import at, names, shown
from autograder.records import CellError

from ._ends import (
    Comparison,
    comparison,
    expect_named_inputs,
    is_sigmoid,
    names_of_inputs,
    probabilities,
    random_inputs,
    shaken,
)

CASES = ("default", "other")


def questions(rng: np.random.Generator) -> dict[str, Question]:
    side, across = (int(n) for n in 8 * rng.choice(range(4, 9), 2, replace=False))
    other = ((side, across, int(rng.choice([1, 3]))), int(rng.choice([5, 7, 9, 12, 20, 24, 30])))
    return {
        "default": Call("build_siamese", ((64, 64, 3), 16), weights=True),
        "other": Call("build_siamese", other, weights=True),
        "names": names_of_inputs("build_siamese", *other),
    }


@weight(2)
def test_named_inputs(answers: Answers) -> None:
    """The inputs go by the names `left` and `right`."""
    answers.answer("names", mistake_in_error)
    expect_named_inputs(answers, "names", {"left", "right"})


@weight(5)
def test_one_encoder(answers: Answers) -> None:
    """Both images go through the same layers: each is called twice, and its weights exist once."""
    for case in CASES:
        architecture = expect_two_images(answers, case)
        left, right = layers_of_sides(architecture)
        alone = left ^ right
        nodes = [node for node in architecture.nodes if node.layer in alone]
        expect(bool(left | right), "layers with weights on each image", "none")
        mistake = "encoder_partly_shared" if left & right else "two_encoders"
        expect(
            not alone,
            "layers that both images go through",
            f"{names(nodes[:4])} see one of them only",
            mistake,
            place=at(nodes),
        )


@weight(2)
def test_embedding(answers: Answers) -> None:
    """What is compared are two vectors of `embedding_dim` numbers."""
    for case in CASES:
        expect_two_images(answers, case)
        size = embedding_of(answers, case)
        shapes = compared(answers, case).shapes
        expect(
            shapes == ((size,), (size,)),
            f"two vectors of {size} numbers",
            f"tensors of shape {shapes}",
            misconception="embedding_of_another_size",
        )


@weight(3)
def test_symmetric(answers: Answers) -> None:
    """The order of the two images does not matter: f(a, b) = f(b, a) within 0.00001."""
    for case in CASES:
        architecture, model = expect_two_images(answers, case), answers.model(case)
        for scale in (1.0, 255.0):
            a, b = random_inputs(model, scale, seed=3)
            found = symmetry(model, a, b)
            expect(
                found.ok,
                "the same answer in either order",
                f"answers that differ by {found.deviation:.2g}",
                misconception=order_mistake(answers, case, architecture),
            )


@weight(3)
@needs("test_embedding")
def test_absolute_difference(answers: Answers) -> None:
    """The answer depends on the absolute difference of the embeddings, number by number."""
    for case in CASES:
        architecture, rest = answers.architecture(case), compared(answers, case).rest
        u, v = vectors(embedding_of(answers, case))
        with shaken(rest):
            found, wanted, mixed = (
                np.asarray(outputs(rest, pair))
                for pair in ([u, v], [np.abs(u - v), np.zeros_like(u)], [u[:, ::-1], v[:, ::-1]])
            )
        expect(
            bool(np.allclose(found, wanted, atol=1e-4)),
            "an answer that depends on |a - b| alone",
            "another",
            misconception=order_mistake(answers, case, architecture),
        )
        mixes = np.ptp(found) > 1e-6 and bool(np.allclose(found, mixed, atol=1e-4))
        expect(
            not mixes,
            "a weight for each of the differences",
            "one distance made of all of them",
            misconception="one_distance",
        )
        reached = inputs_reaching(architecture)
        both = [node for node in architecture.nodes if len(reached[node.id]) == 2]
        squares = [node for node in both if node.cls in {"Square", "Power"} or doubled(node.inputs)]
        roots = any(node.cls == "Sqrt" for node in both)
        expect(
            not squares or roots,
            "the absolute difference",
            f"its square, by {names(squares)}",
            misconception="squared_difference",
            place=at(squares),
        )


@weight(2)
def test_one_sigmoid(answers: Answers) -> None:
    """The output is one sigmoid, which depends on the images."""
    for case in CASES:
        architecture, model = expect_two_images(answers, case), answers.model(case)
        head, values = heads(architecture)[0], probabilities(model)
        expect(
            head.node.shape == (None, 1),
            "one number for each pair",
            shown(head.node),
            place=at([head.node]),
        )
        expect(
            head.activation != "softmax",
            "one sigmoid",
            "a softmax over one number, which is always 1",
            misconception="softmax_over_one",
            place=at([head.node]),
        )
        expect(
            is_sigmoid(head, values),
            "a sigmoid",
            head.activation,
            misconception="sigmoid_missing",
            place=at([head.node]),
        )


def expect_two_images(answers: Answers, case: str) -> Architecture:
    """The architecture, if it takes two images that both reach its one output."""
    architecture = answers.architecture(case, mistake_in_error)
    ends = len(architecture.inputs), len(architecture.outputs)
    expect(ends == (2, 1), "two inputs and one output", f"{ends[0]} and {ends[1]}")
    reached = inputs_reaching(architecture)[architecture.outputs[0]]
    idle = [architecture.node(number) for number in architecture.inputs if number not in reached]
    expect(not idle, "a way from each image to the output", f"nothing reads {names(idle)}",
           misconception="input_unused", place=at(idle))  # fmt: skip
    return architecture


def layers_of_sides(architecture: Architecture) -> tuple[set[str], set[str]]:
    """The layers with weights that see the first image alone,
    and those that see the second alone.
    """
    reached, counts = inputs_reaching(architecture), count_parameters(architecture).layers
    first, second = (
        {
            node.layer
            for node in architecture.nodes
            if reached[node.id] == {number} and node.layer in counts
        }
        for number in architecture.inputs
    )
    return first, second


def compared(answers: Answers, case: str) -> Comparison:
    """The two tensors that are compared, and what follows them.

    Raises:
        Failure: not one tensor of each image meets the other.
    """
    found: Comparison | None = answers.once(
        "comparison", case, lambda: comparison(answers.model(case))
    )
    if found is None:
        raise Failure("one embedding of each image, and a comparison of the two", "no such pair",
                      misconception="no_pair_of_embeddings")  # fmt: skip
    return found


def order_mistake(answers: Answers, case: str, architecture: Architecture) -> str | None:
    """Why the order of two images matters, or why their difference does not decide."""
    left, right = layers_of_sides(architecture)
    if left ^ right:
        return "two_encoders" if not left & right else "encoder_partly_shared"
    reached = inputs_reaching(architecture)
    if any(node.kind == "concat" and len(reached[node.id]) == 2 for node in architecture.nodes):
        return "embeddings_concatenated"
    found = comparison(answers.model(case))
    if found is None or found.shapes[0] != found.shapes[1] or len(found.shapes[0]) != 1:
        return None
    u, v = vectors(found.shapes[0][0] or 1)
    plain, shifted = (
        np.asarray(outputs(found.rest, pair)) for pair in ([u, v], [u - v, np.zeros_like(u)])
    )
    return (
        "difference_without_abs" if np.allclose(plain, shifted, atol=1e-4) else "another_comparison"
    )


def vectors(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of embeddings."""
    u, v = np.random.default_rng(1).normal(size=(2, 64, size)).astype("float32")
    return u, v


def doubled(inputs: tuple[int, ...]) -> bool:
    return len(inputs) == 2 and inputs[0] == inputs[1]


def mistake_in_error(error: CellError) -> str | None:
    """The known mistake behind an error while building."""
    return "input_not_given" if "not connected to" in error.message else None


def embedding_of(answers: Answers, case: str) -> int:
    asked = answers.questions[case]
    assert isinstance(asked, Call)
    return int(asked.args[1])
