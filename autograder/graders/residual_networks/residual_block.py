"""residual_block: body, shortcut, projection where it is needed,
ReLU after the sum (He et al. 2015, 3.2–3.4).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.architecture import Node, canonical
from autograder.architecture.blocks import sums
from autograder.architecture.facts import batch_norms
from autograder.architecture.layers import is_1x1, strides
from autograder.architecture.witnesses import tolerance
from autograder.judge import Call, Case, Question, Symbolic, cases, expect, weight
from autograder.judge.structure import at, differing, lacking, names, words

from ._blocks import (
    built,
    expect_padded,
    expect_plain,
    expect_shape,
    expect_sum,
    expect_training,
)
from ._mistakes import (
    again_mistake,
    block_error,
    body_mistake,
    identity_mistake,
    no_sum_mistake,
    norm_mistake,
    projection_mistake,
    relu_mistake,
    stride_mistake,
)


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
        "free": _block((None, None, some), some),
        "free_wider": _block((None, None, few), some),
        "free_halved": _block((None, None, some), some, 2),
        "free_halved_wider": _block((None, None, few), many, 2),
    }


@cases("same", "same_again")
def test_shapes_agree(case: Case) -> None:
    """With as many filters as channels and stride 1,
    the block gives the shape that it was given.
    """
    expect_shape(case, *wanted_shape(case))


@cases("wider", "narrower", "one_channel")
def test_other_numbers_of_channels(case: Case) -> None:
    """With more or fewer filters than channels, the block works
    and gives as many channels as `filters`.
    """
    expect_shape(case, *wanted_shape(case))


@cases("halved", "halved_wider", "thirds")
def test_strides(case: Case) -> None:
    """With a stride, height and width are divided by it,
    whether the number of channels changes or not.
    """
    expect_shape(case, *wanted_shape(case))


@cases("odd")
def test_odd_sizes(case: Case) -> None:
    """Odd heights and widths work too: both ways through the block round up."""
    expect_shape(case, *wanted_shape(case))


@weight(3)
@cases("same", "same_again")
def test_identity_shortcut(case: Case) -> None:
    """Where the shapes agree already, the shortcut is the block's input itself,
    without a layer on it.
    """
    expect_sum(opened(case), 'shortcut="identity", start="input"', identity_mistake)


@weight(5)
@cases("odd", "wider", "narrower", "one_channel", "halved", "halved_wider")
def test_projection(case: Case) -> None:
    """Where the shapes differ, one 1×1 convolution on the shortcut gives it the body's channels
    and stride.
    """
    here = opened(case)
    if is_joined(here):
        step = here.kwargs.get("strides", 1)
        way = f"conv1x1/{step}:{here.args[1]}"
        here.expect(f'between("input", "concat").path("{way}")', mistake=no_sum_mistake)
    else:
        expect_sum(here, 'shortcut="projection", start="input"', projection_mistake)
        expect_stride_of_shortcut(here)


@weight(4)
@cases("same", "halved_wider")
def test_body(case: Case) -> None:
    """The body is convolution 3×3, batch norm, ReLU, convolution 3×3,
    batch norm, both convolutions with `filters`, and all of the block trains.
    """
    here = opened(case)
    body = body_words(here)
    if is_block(here):
        expect_sum(here, f'body="{body}", shortcut="any"', body_mistake)
    else:
        here.expect(f'contains("{body}") and count("conv3x3") == 2', mistake=no_sum_mistake)
    expect_plain(here)
    if here.name != case.name:
        expect_padded(body_of(here), "valid_padding_in_body")
    expect_training(here)


@cases("halved", "halved_wider")
def test_stride_of_the_body(case: Case) -> None:
    """The first of the two convolutions moves with the stride, and it alone."""
    here = opened(case)
    body, step = body_of(here), here.kwargs["strides"]
    moves = [max(strides(node) or (1,)) for node in body if node.kind == "conv"]
    wanted, steps = f"the first convolution of the body with stride {step}", [step, 1, 1, 1]
    known = stride_mistake(here) or (None if is_block(here) else no_sum_mistake(here))
    convolutions = [node for node in body if node.kind == "conv"]
    right = moves[:1] == [step] and max(moves[1:], default=1) == 1
    place = at(differing(convolutions, moves, steps[: len(moves)]))
    expect(right, wanted, words(body), mistake=known, place=place)


@weight(3)
@cases("same")
def test_own_batch_norms(case: Case) -> None:
    """Each convolution of the body has a batch norm of its own that normalises, over channels."""
    here = opened(case)
    here.expect("shared == 0", mistake="layer_shared_by_accident")
    expect_norms_over_channels(here)
    expect_normalising(here)
    body = body_of(here)
    wanted = "two convolutions in the body, each with a batch norm"
    known = norm_mistake(here) if is_block(here) else no_sum_mistake(here)
    fits, missing = lacking_norms(body) <= 0 and len(body) > 0, without_norm(body)
    expect(fits, wanted, words(body), mistake=known, missing=lacking("batch norm", missing))


@weight(3)
@cases("same", "halved_wider")
def test_relu_after_the_sum(case: Case) -> None:
    """The last ReLU comes after the addition."""
    here = opened(case)
    if is_block(here):
        expect_sum(here, 'shortcut="any", activation="relu"', relu_mistake)
    else:
        here.expect('path(".* (add|concat) bn? relu")', mistake=no_sum_mistake)


@cases("same")
def test_input_passes_the_shortcut(case: Case) -> None:
    """With a body of nothing but zeros the block still returns relu(input):
    signal and gradient pass the shortcut.
    """
    off, allowed = deviation_with_zeros(case.model), tolerance(case.model, 1e-4)
    found, known = f"something else, off by up to {off:.2g}", again_mistake(case)
    expect(off < allowed, "relu(input)", found, known)


diagnose = block_error


def wanted_shape(case: Case) -> tuple[int, int, int]:
    """What the block should give: rows, columns and channels."""
    tensor, filters = case.args
    step = case.kwargs.get("strides", 1)
    height, wide, _ = tensor.shape
    return -(-height // step), -(-wide // step), filters


def opened(case: Case) -> Case:
    """The case, or where its call stops with an error, one with the height and width left open, of
    as many channels as filters if they disagree too; only if its body reads as it should, which
    that of the block that is given does not.
    """
    wider = case.args[0].shape[-1] != case.args[1]
    plain = "free_halved" if case.kwargs.get("strides", 1) > 1 else "free"
    here = built(case, *wider * [f"{plain}_wider"], plain)
    known = here.name == case.name or here.says(f'contains("{body_words(here)}")')
    return here if known else case


def body_words(case: Case) -> str:
    """What the body should be."""
    _, filters = case.args
    return f"conv3x3:{filters} bn relu conv3x3:{filters} bn"


def is_block(case: Case) -> bool:
    """Whether there is a sum of two ways that leave from the block's input. Where there is none,
    which has its price, the rest is judged by itself.
    """
    return case.says('residual(shortcut="any", start="input", ways=2, n=1)')


def is_joined(case: Case) -> bool:
    """Whether the two ways are concatenated."""
    return case.says('count("concat") == 1 and not count("add")')


def expect_stride_of_shortcut(case: Case) -> None:
    """Fail unless the shortcut moves with the stride: where sizes are open, no sum stops if not."""
    step, skip = case.kwargs.get("strides", 1), sums(case.architecture)[-1].skip
    moves = int(np.prod([max(strides(node) or (1,)) for node in skip]))
    wanted, found = f"a shortcut with stride {step}", f"one with stride {moves}"
    expect(moves == step, wanted, found, mistake="projection_without_stride", place=at(skip))


def body_of(case: Case) -> Sequence[Node]:
    """The layers of the sum's body; where no block has one, all but merges and what is a pixel
    wide.
    """
    if is_block(case):
        return sums(case.architecture)[-1].body
    nodes = canonical(case.architecture).nodes
    return [node for node in nodes if node.kind in {"conv", "bn", "act"} and not is_1x1(node)]


def lacking_norms(body: Sequence[Node]) -> int:
    """How many batch norms are missing for each convolution of the two, or more, to have one."""
    kinds = [node.kind for node in body]
    return max(kinds.count("conv"), 2) - kinds.count("bn")


def without_norm(body: Sequence[Node]) -> list[Node]:
    """The convolutions of a body that no batch norm follows."""
    following = [*body[1:], None]
    return [
        node
        for node, after in zip(body, following, strict=True)
        if node.kind == "conv" and (after is None or after.kind != "bn")
    ]


def expect_norms_over_channels(case: Case) -> None:
    """Fail if a batch norm normalises another axis than the last."""
    rows = [norm.node for norm in batch_norms(case.architecture) if not norm.channels_last]
    wanted, found = "batch norms over the channels, the last axis", f"{names(rows)} over another"
    expect(not rows, wanted, found, mistake="batch_norm_over_rows", place=at(rows))


def expect_normalising(case: Case) -> None:
    """Fail if a batch norm adds more to the variance than there may be, or never learns it."""
    nodes = [norm.node for norm in batch_norms(case.architecture)]
    odd = [n for n in nodes if n.config["epsilon"] > 1 or n.config["momentum"] >= 1]
    wanted, found = "batch norms with an epsilon near 0 and a momentum below 1", names(odd)
    expect(not odd, wanted, f"others in {found}", mistake="batch_norm_of_nothing", place=at(odd))


def deviation_with_zeros(model: Any) -> float:
    """By how much a block with nothing but zeros as weights gives something else than
    relu(input).
    """
    model.set_weights([np.zeros_like(array) for array in model.get_weights()])
    given = np.random.default_rng(0).normal(size=(2, *model.input_shape[1:])).astype("float32")
    returned, wanted = np.asarray(model(given, training=False)), np.maximum(given, 0)
    return float(np.abs(returned - wanted).max()) if returned.shape == wanted.shape else np.inf


def _block(shape: tuple[int | None, ...], filters: int, *strides: int) -> Call:
    tensor = Symbolic(tuple(size if size is None else int(size) for size in shape))
    return Call("residual_block", (tensor, filters), {"strides": strides[0]} if strides else {})
