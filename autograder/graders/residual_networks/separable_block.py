"""separable_block: pre-activated separable convolutions, pooling,
a strided projection (Chollet 2021, 9.3.4–9.3.5).
"""

from __future__ import annotations

import numpy as np

from autograder.architecture import Node, canonical
from autograder.architecture.blocks import sums
from autograder.architecture.kinds import LEARNING
from autograder.architecture.layers import kernel
from autograder.judge import Call, Case, Question, Symbolic, cases, expect, needs, weight
from autograder.judge.structure import at, names

from ._blocks import built, expect_plain, expect_shape, expect_sum, expect_training
from ._mistakes import projection_mistake
from ._module_mistakes import (
    order_mistake,
    pooling_mistake,
    separable_error,
    separable_mistake,
)

ORDER = "bn relu sepconv3x3 bn relu sepconv3x3"
TWIN = 2 * 9 * 128 * 128 + 2 * 4 * 128 + 128 * 128  # parameters with plain convolutions


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
        "free_wider": _block((None, None, few), many),
        "free_same": _block((None, None, many), many),
        "free_large": _block((None, None, 128), 128),
    }


@weight(2)
@cases("wider", "same")
def test_shape(case: Case) -> None:
    """The block gives `filters` channels at half the height and width."""
    expect_shape(case, *halved(case))


@weight(2)
@cases("odd", "mixed")
def test_odd_sizes(case: Case) -> None:
    """Odd heights and widths work too: pooling and shortcut both round up."""
    expect_shape(case, *halved(case))


@weight(3)
@cases("wider", "same")
def test_separable_convolutions(case: Case) -> None:
    """The body has two separable 3×3 convolutions, each with `filters` filters."""
    case = opened(case)
    expect_sum(case, 'shortcut="any"')
    word = f"sepconv3x3:{case.args[1]}"
    odd = odd_kernels(case)
    wanted, found = "depthwise kernels of 3×3", ", ".join(map(described, odd))
    expect(not odd, wanted, found, mistake=separable_mistake(case), place=at(odd))
    case.expect(f'path("pool* {word} pool* {word} .*")', mistake=separable_mistake)
    case.expect('count("sepconv") == 2')
    expect_plain(case)


@weight(3)
@needs("test_separable_convolutions")
@cases("wider", "same")
def test_pre_activation(case: Case) -> None:
    """Batch norm and ReLU come before each convolution of the body:
    norm, ReLU, convolution, twice, and no activation after the last.
    """
    case = opened(case)
    expect_sum(case, 'shortcut="any"')
    case.expect(f'path("{ORDER} .*")', mistake=order_mistake)
    case.expect('not contains("sepconv act (pool|add)")', mistake="activation_after_convolution")


@cases("wider", "same")
def test_sum_as_it_is(case: Case) -> None:
    """No activation follows the addition."""
    case = opened(case)
    expect_sum(case, 'shortcut="any"')
    expect_sum(case, 'shortcut="any", activation="none"', lambda _: "relu_after_the_sum")


@weight(2)
@cases("wider")
def test_no_idle_bias(case: Case) -> None:
    """The separable convolutions have no bias."""
    case = opened(case)
    expect_sum(case, 'shortcut="any"')
    biased = with_bias(case)
    wanted, found = "separable convolutions without bias", f"a bias in {names(biased)}"
    expect(not biased, wanted, found, mistake="bias_before_batch_norm", place=at(biased))


@weight(2)
@cases("wider", "same")
def test_pooling(case: Case) -> None:
    """After the convolutions a 3×3 max pooling halves the body."""
    expect_sum(case, 'body=".* maxpool3x3/2", shortcut="any"', pooling_mistake)


@weight(3)
@cases("wider", "same", "odd")
def test_shortcut(case: Case) -> None:
    """The shortcut leaves at the start and is one 1×1 convolution with stride 2."""
    case = opened(case)
    expect_sum(case, 'shortcut="projection", start="input"', projection_mistake)
    case.expect('count("conv1x1/2") == 1')


@cases("same")
def test_layers_of_its_own(case: Case) -> None:
    """Each place in the block has a layer of its own."""
    case = opened(case)
    case.expect("shared == 0", mistake="layer_shared_by_accident")


@weight(2)
@cases("large")
def test_few_parameters(case: Case) -> None:
    """At 128 channels the block has at most a fifth of the parameters
    of its twin with plain convolutions, and all of its layers train.
    """
    case = opened(case)
    expect_sum(case, 'shortcut="any"')
    case.expect(f"parameters <= {TWIN // 5}", mistake=separable_mistake)
    expect_training(case)


diagnose = separable_error


def opened(case: Case) -> Case:
    """The case, or where its call stops with an error, one with the height and width left open."""
    return built(case, "free_wider" if case.name == "odd" else f"free_{case.name}")


def halved(case: Case) -> tuple[int, int, int]:
    """What the block should give: rows, columns and channels."""
    tensor, filters = case.args
    height, wide, _ = tensor.shape
    return -(-height // 2), -(-wide // 2), filters


def odd_kernels(case: Case) -> list[Node]:
    """The depthwise convolutions that look at other than 3×3 pixels."""
    nodes = [node for node in case.architecture.nodes if node.kind == "dwconv"]
    return [node for node in nodes if kernel(node) != (3, 3)]


def described(node: Node) -> str:
    """A convolution and its kernel."""
    return f"{names([node])} with one of {'×'.join(map(str, kernel(node) or ()))}"


def with_bias(case: Case) -> list[Node]:
    """The layers that have a bias, those on the shortcut left out."""
    form, skip = canonical(case.architecture), sums(case.architecture)[-1].skip
    layers = [node for node in form.nodes if node.kind in LEARNING and node not in skip]
    return [layer for layer in layers if layer.config.get("use_bias", True)]


def _block(shape: tuple[int | None, ...], filters: int) -> Call:
    tensor = Symbolic(tuple(size if size is None else int(size) for size in shape))
    return Call("separable_residual_block", (tensor, filters))
