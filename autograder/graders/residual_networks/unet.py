"""unet: an encoder, a decoder, and a skip between them at each level
(Ronneberger et al. 2015, figure 1).
"""

from __future__ import annotations

import re

import numpy as np

from autograder.answers.questions import Call, Question
from autograder.architecture import Architecture, Node
from autograder.architecture.blocks import Skip, joins_channels, skips
from autograder.architecture.layers import activation, resampling
from autograder.architecture.merges import merges
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.structure import at, is_sum_error, names, shapes_in, shown, structure
from autograder.records import CellError

CASES = ("default", "classes", "shallow", "deep")
KERAS_SAYS = re.compile(
    r"`Concatenate` layer requires|Every value in `xs`|^Inputs have incompatible shapes"
)
ODD = ("odd", "uneven")


def questions(rng: np.random.Generator) -> dict[str, Question]:
    classes, width = int(rng.integers(3, 8)), int(rng.integers(3, 7))
    high, wide = (int(n) for n in 16 * rng.choice(range(2, 6), 2, replace=False))
    offset = int(rng.integers(1, 8))
    return {
        "default": Call("build_unet", ((64, 64, 3),)),
        "classes": Call("build_unet", ((high, wide, 3), classes), {"base_filters": width}),
        "shallow": Call("build_unet", ((wide, high, 3),), {"base_filters": width, "depth": 2}),
        "deep": Call("build_unet", ((high, high, 3), 2), {"base_filters": width, "depth": 4}),
        "odd": Call("build_unet", ((high + offset, wide + offset, 3),), {"base_filters": width}),
        "uneven": Call("build_unet", ((wide + 4, high, 3),), {"base_filters": width}),
    }


@weight(2)
def test_output_size(answers: Answers) -> None:
    """The output is as large as the image, with one channel for each class."""
    for case in CASES:
        expect_size(answers, case)


@weight(4)
def test_skips(answers: Answers) -> None:
    """With depth 3, three tensors of the encoder are concatenated into the decoder."""
    expect_skips(answers, "default", 3)


@weight(2)
def test_depth(answers: Answers) -> None:
    """There are as many skips as `depth` says."""
    expect_skips(answers, "shallow", 2)
    expect_skips(answers, "deep", 4)


@weight(2)
@needs("test_skips")
def test_before_pooling(answers: Answers) -> None:
    """Each skip begins at the encoder's tensor before its pooling."""
    architecture = answers.architecture("default", diagnose)
    pooled = [skip.partner for skip in concatenated(architecture) if halved(architecture, skip)]
    expect(
        not pooled,
        "skips that begin before the pooling",
        f"skips that begin after it, at {names(pooled)}",
        misconception="unet_skip_after_pooling",
        place=at(pooled),
    )


@weight(2)
@needs("test_skips")
def test_partners(answers: Answers) -> None:
    """Each level has its own skip: the encoder's tensor meets
    the decoder's of the same resolution.
    """
    for case in ("default", "classes"):
        height, wide, _ = shape_of(answers, case)
        found = concatenated(answers.architecture(case, diagnose))
        levels = [(height // 2**level, wide // 2**level) for level in reversed(range(3))]
        expect(
            [skip.partner.size for skip in found] == levels,
            f"skips at {levels}",
            str([skip.partner.size for skip in found]),
            misconception="unet_skips_in_encoder_order",
            place=at(skip.node for skip in found),
        )


@weight(2)
def test_activation(answers: Answers) -> None:
    """Per pixel the output is a sigmoid for one class, a softmax over several."""
    for case, wanted in (("default", "sigmoid"), ("classes", "softmax")):
        last = before_cropping(answers.architecture(case, diagnose))
        found = activation(last)
        expect(
            found == wanted,
            expected=(
                f"{wanted} for {last.channels} {'channel' if last.channels == 1 else 'channels'}"
            ),
            found=found or "no activation",
            misconception=activation_mistake(wanted, found),
            place=at([last]),
        )


@weight(2)
def test_other_sizes(answers: Answers) -> None:
    """A size that 2^depth does not divide is handled,
    or refused by a ValueError that names the size or the divisor.
    """
    for case in ODD:
        error = answers.refusal(case)
        if error is None:
            expect_size(answers, case)
        else:
            sizes = [str(size) for size in (8, *shape_of(answers, case)[:2])]
            named = [word for word in re.findall(r"\d+", error.message) if word in sizes]
            own = error.type == "ValueError" and not KERAS_SAYS.search(error.message)
            expect(
                own and bool(named),
                expected=(
                    "an output of the input's size, "
                    f"or a ValueError that names {' or '.join(sizes)}"
                ),
                found=f"{error.type}: {error.message[:200]}",
                misconception="unet_odd_sizes_not_handled",
            )


def expect_size(answers: Answers, case: str) -> None:
    question = answers.questions[case]
    assert isinstance(question, Call)
    (height, wide, _), *classes = question.args
    wanted, odd = (None, height, wide, *(classes or [1])), case in ODD
    output = structure(answers.architecture(case, diagnose)).output
    text = "×".join(map(str, wanted[1:]))
    smaller = (
        "output_smaller"
        if output.size and None not in output.size and output.size < (height, wide)
        else None
    )
    expect(
        output.shape == wanted,
        f"{text} from {answers.words(case)}",
        shown(output),
        misconception="unet_odd_sizes_not_handled" if odd else smaller,
        place=at([output]),
    )


def expect_skips(answers: Answers, case: str, depth: int) -> None:
    architecture = answers.architecture(case, diagnose)
    found = concatenated(architecture)
    expect(
        len(found) == depth,
        expected=f"{depth} skips, each a concatenation of an encoder's tensor with the decoder's",
        found=f"{len(found)}: {names(skip.node for skip in found)}",
        misconception=skips_mistake(architecture, depth),
        place=at(skip.node for skip in found),
    )


def concatenated(architecture: Architecture) -> list[Skip]:
    """The skips that end in a concatenation, in the order of the decoder."""
    return [skip for skip in skips(architecture) if skip.node.kind == "concat"]


def halved(architecture: Architecture, skip: Skip) -> bool:
    """Whether a skip begins right after a pooling."""
    node = skip.partner
    while node.kind in {"bn", "act"}:
        (node,) = structure(architecture).form.parents(node)
    return resampling(node) < 1


def skips_mistake(architecture: Architecture, depth: int) -> str | None:
    joined = [merge for merge in merges(architecture) if merge.kind == "concat"]
    if any(not joins_channels(merge.node) for merge in joined):
        return "concatenated_over_rows"
    if any(
        resampling(parent) < 1
        for merge in joined
        for parent in structure(architecture).form.parents(merge.node)
    ):
        return "unet_skip_after_pooling"
    if len([skip for skip in skips(architecture) if skip.node.kind == "add"]) >= depth:
        return "unet_skips_added"
    if len(joined) >= depth:
        resized = [
            merge
            for merge in joined
            if any(n.kind == "resize" for branch in merge.branches for n in branch)
        ]
        return "unet_skips_in_encoder_order" if resized else "unet_skips_from_decoder"
    return "unet_without_skips" if not joined else None


def diagnose(error: CellError) -> str | None:
    """An error where a skip ends: it is added, joined over rows,
    or one side is larger than the other, and how much.
    """
    if "zero or negative" in error.message:
        return "unet_valid_convolutions"
    shapes = shapes_in(error)[-2:]
    if len(shapes) < 2:
        return None
    if shapes[0][:2] == shapes[1][:2]:
        return "unet_skips_added" if is_sum_error(error) else "concatenated_over_rows"
    heights = [shape[0] for shape in shapes]
    ratio = max(heights) / min(heights)
    if ratio in {4, 16, 64}:
        return "unet_skips_in_encoder_order"
    return "unet_skip_after_pooling" if ratio == 2 else "unet_valid_convolutions"


def before_cropping(architecture: Architecture) -> Node:
    """The output, or what it is cut out of."""
    found = structure(architecture)
    node = found.output
    while node.kind in {"crop", "getitem", "reshape", "resize"}:
        (node,) = found.form.parents(node)
    return node


def activation_mistake(wanted: str, found: str | None) -> str | None:
    if found is None:
        return "mask_activation_missing"
    return (
        {"sigmoid": "softmax_over_one_channel", "softmax": "sigmoid_many_classes"}[wanted]
        if found in {"softmax", "sigmoid"}
        else None
    )


def shape_of(answers: Answers, case: str) -> tuple[int, int, int]:
    question = answers.questions[case]
    assert isinstance(question, Call)
    shape: tuple[int, int, int] = question.args[0]
    return shape
