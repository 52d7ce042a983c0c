"""separable_block: pre-activated separable convolutions, pooling,
a strided projection (Chollet 2021, 9.3.4–9.3.5).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from autograder.answers.questions import Call, Question, Symbolic
from autograder.architecture import Architecture, Node
from autograder.architecture.blocks import ResidualBlock
from autograder.architecture.layers import kernel, strides, width
from autograder.architecture.parameters import count_parameters
from autograder.architecture.reach import shared_layers
from autograder.judge import Answers, expect, weight
from autograder.judge.structure import (
    at,
    body_is_larger,
    expect_shortcut_from_start,
    has_bias,
    kinds,
    names,
    shapes_in,
    shown,
    structure,
    the_sum,
    words,
)  # fmt: skip
from autograder.records import CellError

ORDER = ["bn", "relu", "sepconv3x3", "bn", "relu", "sepconv3x3"]
CASES = ("wider", "same")


def questions(rng: np.random.Generator) -> dict[str, Question]:
    even, other = 2 * rng.choice(range(8, 24), 2, replace=False)
    odd, odd_too = 2 * rng.choice(range(8, 24), 2, replace=False) + 1
    few, many = int(rng.integers(10, 30)), int(rng.integers(31, 60))
    return {
        "wider": _block((even, other, few), many),
        "same": _block((other, other, many), many),
        "odd": _block((odd, odd_too, few), many),
        "mixed": _block((even, odd, many), few),
        "large": _block((32, 32, 128), 128),
    }


@weight(2)
def test_shape(answers: Answers) -> None:
    """The block gives `filters` channels at half the height and width."""
    expect_shapes(answers, CASES)


@weight(2)
def test_odd_sizes(answers: Answers) -> None:
    """Odd heights and widths work too: pooling and shortcut both round up."""
    expect_shapes(answers, ("odd", "mixed"))


@weight(3)
def test_separable_convolutions(answers: Answers) -> None:
    """The body has two separable 3×3 convolutions, each with `filters` filters."""
    for architecture, block in blocks(answers, CASES):
        body = body_of(architecture, block)
        separable = [node for node in body if node.kind == "sepconv"]
        wanted = [((3, 3), block.node.channels)] * 2
        expect(
            [(kernel(node), width(node)) for node in separable] == wanted,
            expected=f"two separable 3×3 convolutions with {block.node.channels} filters",
            found=words(body),
            misconception=separable_mistake(architecture, block),
            place=at(body),
        )


@weight(3)
def test_pre_activation(answers: Answers) -> None:
    """Batch norm and ReLU come before each convolution of the body:
    norm, ReLU, convolution, twice.
    """
    for architecture, block in blocks(answers, CASES):
        body = body_of(architecture, block)
        found = kinds(body).split()
        late = found[:1] != ["bn"] and found.count("bn") > 0
        expect(
            found[: len(ORDER)] == ORDER,
            expected=f"the body {' '.join(ORDER)}, then the pooling",
            found=words(body),
            misconception="activation_after_convolution" if late else None,
            place=at(body),
        )


@weight(2)
def test_no_idle_bias(answers: Answers) -> None:
    """The separable convolutions have no bias."""
    for architecture, block in blocks(answers, ("wider",)):
        biased = [node for node in body_of(architecture, block) if has_bias(architecture, node)]
        expect(not biased, "separable convolutions without bias", f"a bias in {names(biased)}",
               misconception="bias_before_batch_norm", place=at(biased))  # fmt: skip


@weight(2)
def test_pooling(answers: Answers) -> None:
    """After the convolutions a 3×3 max pooling halves the body."""
    for architecture, block in blocks(answers, CASES):
        body = body_of(architecture, block)
        halving = [node for node in body if max(strides(node) or (1,)) > 1]
        expect(
            [(node.kind, kernel(node), strides(node)) for node in halving]
            == [("maxpool", (3, 3), (2, 2))],
            expected="one max pooling 3×3 with stride 2 in the body",
            found=words(halving or body),
            misconception=(
                None if any(node.kind == "maxpool" for node in halving) else "pooling_missing"
            ),
            place=at(halving or body),
        )


@weight(3)
def test_shortcut(answers: Answers) -> None:
    """The shortcut leaves at the start and is one 1×1 convolution with stride 2."""
    for architecture, block in blocks(answers, (*CASES, "odd")):
        moving = [strides(node) for node in block.skip if node.kind == "conv"]
        expect(
            block.shortcut == "projection" and moving == [(2, 2)],
            expected="one 1×1 convolution with stride 2 on the shortcut",
            found=words(block.skip),
            misconception="pooled_shortcut" if "maxpool" in kinds(block.skip) else None,
            place=at([*block.skip, block.node]),
        )
        expect_shortcut_from_start(architecture, block)


def test_layers_of_its_own(answers: Answers) -> None:
    """Each place in the block has a layer of its own."""
    form = structure(answers.architecture("same", diagnose)).form
    shared = [node for nodes in shared_layers(form).values() for node in nodes]
    expect(not shared, "layers that are used once", f"{names(shared)} used {len(shared)} times",
           misconception="layer_shared_by_accident", place=at(shared))  # fmt: skip


@weight(2)
def test_few_parameters(answers: Answers) -> None:
    """At 128 channels the block has at most a fifth of the parameters
    of its twin with plain convolutions.
    """
    architecture = answers.architecture("large", diagnose)
    the_sum(architecture)
    total, twin = count_parameters(architecture).total, 2 * 9 * 128 * 128 + 2 * 4 * 128 + 128 * 128
    plain = separable_mistake(architecture, the_sum(architecture))
    expect(
        total * 5 <= twin, f"at most {twin // 5:,} parameters", f"{total:,}", misconception=plain
    )


def blocks(
    answers: Answers, cases: tuple[str, ...]
) -> Iterator[tuple[Architecture, ResidualBlock]]:
    """The sum in each of the answers, and the architecture that it stands in."""
    architectures = [answers.architecture(case, diagnose) for case in cases]
    for architecture in architectures:
        yield answers.looking_at(architecture), the_sum(architecture)


def diagnose(error: CellError) -> str | None:
    """An error about the sum: the pooling rounds down, or is missing,
    or the shortcut lacks its stride.
    """
    shapes = shapes_in(error)[-2:]
    if len(shapes) < 2:
        return None
    (height, _, channels), (other, _, others) = shapes
    if channels != others:
        return None
    if abs(height - other) == 1:
        return "pooling_valid_against_same"
    if max(height, other) < 1.5 * min(height, other):
        return "valid_padding_in_body"
    return "pooling_missing" if body_is_larger(error) else "projection_without_stride"


def body_of(architecture: Architecture, block: ResidualBlock) -> tuple[Node, ...]:
    """Everything on the way to the sum but the shortcut:
    norm and ReLU may come before the shortcut leaves.
    """
    way = structure(architecture).before(block.node)
    return tuple(node for node in way if node not in block.skip and node.kind != "input")


def separable_mistake(architecture: Architecture, block: ResidualBlock) -> str | None:
    body = body_of(architecture, block)
    depthwise = [node for node in body if node.kind in {"dwconv", "sepconv"}]
    if any(max(kernel(node) or (0,)) > 9 for node in depthwise):
        return "depthwise_filters_as_kernel"
    if any(node.kind == "dwconv" for node in body):
        return "depthwise_without_pointwise"
    plain = any(node.kind == "conv" and max(kernel(node) or (0,)) > 1 for node in body)
    return "plain_convolution_instead_of_separable" if plain else None


def expect_shapes(answers: Answers, cases: tuple[str, ...]) -> None:
    for case in cases:
        question = answers.questions[case]
        assert isinstance(question, Call)
        (height, across, _), filters = question.args[0].shape, question.args[1]
        output = structure(answers.architecture(case, diagnose)).output
        wanted = (None, -(-height // 2), -(-across // 2), filters)
        text = "×".join(map(str, wanted[1:]))
        expect(
            output.shape == wanted,
            f"{text} from {answers.words(case)}",
            shown(output),
            place=at([output]),
        )


def _block(shape: tuple[int, ...], filters: int) -> Call:
    return Call("separable_residual_block", (Symbolic(tuple(int(size) for size in shape)), filters))
