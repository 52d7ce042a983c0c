"""residual_block: body, shortcut, projection where it is needed,
ReLU after the sum (He et al. 2015, 3.2–3.4).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.answers.questions import Call, Question, Symbolic
from autograder.architecture import Architecture
from autograder.architecture.blocks import ResidualBlock
from autograder.architecture.layers import strides, width
from autograder.architecture.reach import shared_layers
from autograder.judge import Answers, expect, weight
from autograder.judge.answers import Diagnosis
from autograder.judge.structure import (
    at,
    body_mistake,
    expect_shortcut_from_start,
    kinds,
    names,
    norms_of,
    shown,
    stretched,
    structure,
    sum_error_mistake,
    the_sum,
    words,
)  # fmt: skip
from autograder.records import CellError

AGREEING = ("same", "same_again")
PROJECTED = ("wider", "narrower", "one_channel", "halved", "halved_wider", "odd")
BODY = "conv3x3 bn relu conv3x3 bn"


def questions(rng: np.random.Generator) -> dict[str, Question]:
    even, other = 4 * rng.choice(range(4, 12), 2, replace=False)
    odd, odd_too = 2 * rng.choice(range(4, 12), 2, replace=False) + 1
    few, some, many = (
        int(n) for n in (rng.integers(3, 9), rng.integers(10, 20), rng.integers(21, 40))
    )
    return {
        "same": _block((even, even, some), some),
        "same_again": _block((other, even, many), many, 1),
        "wider": _block((even, other, few), some),
        "narrower": _block((other, other, many), some, 1),
        "one_channel": _block((even, even, 1), few),
        "halved": _block((even, even, some), some, 2),
        "halved_wider": _block((other, even, few), many, 2),
        "odd": _block((odd, odd_too, some), many, 2),
        "thirds": _block((3 * even, 3 * other, some), some, 3),
    }


def test_shapes_agree(answers: Answers) -> None:
    """With as many filters as channels and stride 1,
    the block gives the shape that it was given.
    """
    expect_shapes(answers, AGREEING)


def test_other_numbers_of_channels(answers: Answers) -> None:
    """With more or fewer filters than channels, the block works
    and gives as many channels as `filters`.
    """
    expect_shapes(answers, ("wider", "narrower", "one_channel"))


def test_strides(answers: Answers) -> None:
    """With a stride, height and width are divided by it,
    whether the number of channels changes or not.
    """
    expect_shapes(answers, ("halved", "halved_wider", "thirds"))


def test_odd_sizes(answers: Answers) -> None:
    """Odd heights and widths work too: both ways through the block round up."""
    expect_shapes(answers, ("odd",))


@weight(3)
def test_identity_shortcut(answers: Answers) -> None:
    """Where the shapes agree already, the shortcut is the block's input itself,
    without a layer on it.
    """
    for architecture, block in blocks(answers, AGREEING):
        expect(
            block.shortcut == "identity",
            expected="nothing on the shortcut where input and output have the same shape",
            found=words(block.skip),
            misconception="projection_on_every_block" if block.shortcut == "projection" else None,
            place=at(block.skip),
        )
        expect_shortcut_from_start(architecture, block)


@weight(5)
def test_projection(answers: Answers) -> None:
    """Elsewhere one 1×1 convolution on the shortcut gives it the body's channels and stride."""
    for architecture, block in blocks(answers, PROJECTED):
        expect(
            block.shortcut == "projection" and not stretched(architecture, block),
            expected=(
                f"on the shortcut one 1×1 convolution that gives {shown(block.node)}, "
                "with the body's stride"
            ),
            found=f"{words(block.skip)} beside a body that gives {shown(block.body[-1])}",
            misconception=projection_mistake(architecture, block),
            place=at([*block.skip, block.node]),
        )
        expect_shortcut_from_start(architecture, block)


@weight(4)
def test_body(answers: Answers) -> None:
    """The body is convolution 3×3, batch norm, ReLU, convolution 3×3,
    batch norm, both convolutions with `filters`.
    """
    for architecture, block in blocks(answers, ("same", "halved_wider")):
        wanted = block.node.channels
        widths = {width(node) for node in block.body if node.kind == "conv"}
        expect(
            kinds(block.body) == BODY and (widths == {wanted} or stretched(architecture, block)),
            expected=f"the body {BODY}, each convolution with {wanted} filters",
            found=words(block.body),
            misconception=body_mistake(architecture, block),
            place=at(block.body),
        )


def test_stride_of_the_body(answers: Answers) -> None:
    """Only one of the two convolutions moves with the stride."""
    for _, block in blocks(answers, ("halved", "halved_wider")):
        moving = [node for node in block.body if max(strides(node) or (1,)) > 1]
        expect(
            len(moving) == 1,
            expected="one convolution with stride 2 in the body, as a rule the first",
            found=words(block.body),
            misconception="stride_in_both_convolutions" if len(moving) > 1 else None,
            place=at(moving or block.body),
        )


@weight(3)
def test_own_batch_norms(answers: Answers) -> None:
    """Each convolution of the body has a batch norm of its own, over channels."""
    for architecture, block in blocks(answers, ("same",)):
        norms = norms_of(architecture, block.body)
        convolutions = [node for node in block.body if node.kind == "conv"]
        shared = [
            node for nodes in shared_layers(structure(architecture).form).values() for node in nodes
        ]
        rows = [norm.node for norm in norms if not norm.channels_last]
        expect(
            not shared,
            "a layer of its own at each place",
            f"{names(shared)} is used {len(shared)} times",
            misconception="layer_shared_by_accident",
            place=at(shared),
        )
        expect(
            not rows,
            "batch norms over the channels, the last axis",
            f"{names(rows)} normalises another axis",
            misconception="batch_norm_over_rows",
            place=at(rows),
        )
        expect(
            len(norms) >= max(len(convolutions), 2),
            "two convolutions in the body, each with a batch norm",
            words(block.body),
            misconception="batch_norm_missing",
            place=at(block.body),
        )


@weight(3)
def test_relu_after_the_sum(answers: Answers) -> None:
    """The last ReLU comes after the addition."""
    for architecture, block in blocks(answers, ("same", "halved_wider")):
        early = body_mistake(architecture, block) == "relu_before_the_addition"
        expect(
            block.activation == "relu",
            expected="a ReLU right after the sum",
            found=f"{block.activation or 'no activation'} after «{block.node.name}»",
            misconception="relu_before_the_addition" if early else "no_relu_after_the_addition",
            place=at([block.node]),
        )


def test_input_passes_the_shortcut(answers: Answers) -> None:
    """With a body of nothing but zeros the block still returns relu(input):
    signal and gradient pass the shortcut.
    """
    model = answers.model("same")
    model.set_weights([np.zeros_like(array) for array in model.get_weights()])
    given = np.random.default_rng(0).normal(size=(2, *model.input_shape[1:])).astype("float32")
    returned = np.asarray(model(given, training=False))
    worst = (
        float(np.abs(returned - np.maximum(given, 0)).max())
        if returned.shape == given.shape
        else np.inf
    )
    expect(bool(worst < 1e-4), "relu(input)", f"something else, off by up to {worst:.2g}")


def blocks(
    answers: Answers, cases: tuple[str, ...]
) -> Iterator[tuple[Architecture, ResidualBlock]]:
    """The sum in each of the answers, and the architecture that it stands in."""
    architectures = [answers.architecture(case, diagnosis(answers, case)) for case in cases]
    for architecture in architectures:
        yield answers.looking_at(architecture), the_sum(architecture)


def diagnosis(answers: Answers, case: str) -> Diagnosis:
    """What an error about shapes means, given what the block was called with."""
    shape, _, stride = asked(answers, case)

    def diagnose(error: CellError) -> str | None:
        mistake = sum_error_mistake(error, shape[0], stride)
        # so the projection can stride, if it is there
        elsewhere = answers.outcome("halved_wider").outcome == "model"
        return (
            "projection_missing"
            if mistake == "projection_without_stride" and elsewhere
            else mistake
        )

    return diagnose


def projection_mistake(architecture: Architecture, block: ResidualBlock) -> str | None:
    if stretched(architecture, block):
        return "broadcast_add"
    if block.shortcut == "pool" or any(node.kind in {"maxpool", "avgpool"} for node in block.skip):
        return "pooled_shortcut"
    return "projection_with_3x3" if kinds(block.skip).startswith("conv3x3") else None


def expect_shapes(answers: Answers, cases: tuple[str, ...]) -> None:
    for case in cases:
        shape, filters, step = asked(answers, case)
        output = structure(answers.architecture(case, diagnosis(answers, case))).output
        wanted = (None, *(-(-size // step) for size in shape[:2]), filters)
        text = "×".join(map(str, wanted[1:]))
        expect(
            output.shape == wanted,
            f"{text} from {answers.words(case)}",
            shown(output),
            place=at([output]),
        )


def asked(answers: Answers, case: str) -> tuple[tuple[int, ...], int, int]:
    question = answers.questions[case]
    assert isinstance(question, Call)
    tensor, filters = question.args
    return tensor.shape, filters, question.kwargs.get("strides", 1)


def _block(shape: tuple[int, ...], filters: int, *strides: int) -> Call:
    tensor = Symbolic(tuple(int(size) for size in shape))
    return Call("residual_block", (tensor, filters), {"strides": strides[0]} if strides else {})
