"""residual_network: rescaling, stem, stages of residual blocks,
pooling, classifier (He et al. 2015, 4.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from autograder.answers.questions import Call, Question
from autograder.architecture import Architecture
from autograder.architecture.blocks import ResidualBlock, residual_blocks
from autograder.architecture.parameters import kernel_parameters
from autograder.architecture.reach import shared_layers
from autograder.judge import Answers, expect, weight
from autograder.judge.structure import (
    at,
    ending,
    expect_smaller_range,
    kinds,
    names,
    norms_of,
    plain,
    shown,
    structure,
    words,
)  # fmt: skip

NEEDS = ("residual_block",)
CASES = ("default", "others")


class Plan(NamedTuple):
    """What a question asks for."""

    shape: tuple[int, int, int]
    classes: int
    filters: tuple[int, ...] = (32, 64, 128)
    blocks_per_stage: int = 2

    @property
    def widths(self) -> list[int]:
        """Channels of each block, in order."""
        return [width for width in self.filters for _ in range(self.blocks_per_stage)]

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Height and width of each block's output, in order."""
        height, width, _ = self.shape
        halved = [
            (-(-height // 2**stage), -(-width // 2**stage)) for stage in range(len(self.filters))
        ]
        return [size for size in halved for _ in range(self.blocks_per_stage)]

    @property
    def kernels(self) -> int:
        """Parameters in kernels: stem, two 3×3 for each block,
        a 1×1 for each change of stage, classifier.
        """
        into = [self.filters[0], *self.widths[:-1]]
        bodies = sum(
            9 * (before * width + width * width)
            for before, width in zip(into, self.widths, strict=True)
        )
        projections = sum(
            before * width for before, width in zip(self.filters, self.filters[1:], strict=False)
        )
        return (
            9 * self.shape[-1] * self.filters[0]
            + bodies
            + projections
            + self.filters[-1] * self.classes
        )


def questions(rng: np.random.Generator) -> dict[str, Question]:
    side, other_side = (int(n) for n in 16 * rng.choice(range(2, 6), 2, replace=False))
    widths = np.sort(rng.choice(range(4, 40), 4, replace=False))
    return {
        "default": Call("build_resnet", ((64, 64, 3), 6)),
        "others": Call(
            "build_resnet",
            ((side, other_side, 3), int(rng.integers(2, 12))),
            {"filters": tuple(int(width) for width in widths), "blocks_per_stage": 3},
        ),
        "smallest": Call(
            "build_resnet",
            ((side, side, 1), 3),
            {"filters": (int(widths[0]),), "blocks_per_stage": 1},
        ),
    }


@weight(3)
def test_number_of_blocks(answers: Answers) -> None:
    """There are `blocks_per_stage` residual blocks for each entry of `filters`,
    one after the other.
    """
    for plan, architecture, blocks in networks(answers, (*CASES, "smallest")):
        shared = [
            node for nodes in shared_layers(structure(architecture).form).values() for node in nodes
        ]
        expect(
            not shared,
            "layers of its own in each block",
            f"{names(shared[:3])} … used more than once",
            misconception="layer_shared_by_accident",
            place=at(shared),
        )
        whole = [block for block in blocks if kinds(plain(block.body)) == "conv3x3 conv3x3"]
        expect(
            len(whole) == len(plan.widths),
            expected=(
                f"{len(plan.widths)} residual blocks for {plan.filters}, "
                f"{plan.blocks_per_stage} a stage"
            ),
            found=f"{len(whole)}, their sums {names(block.node for block in whole)}",
            misconception=arguments_mistake(plan, blocks),
            place=at(block.node for block in blocks),
        )


@weight(3)
def test_projections(answers: Answers) -> None:
    """Only the first block of a new stage has a projection;
    every other shortcut is the identity.
    """
    for plan, _, blocks in networks(answers, (*CASES, "smallest")):
        projected = [block for block in blocks if block.shortcut != "identity"]
        wanted = [n for n in range(len(plan.widths)) if n and n % plan.blocks_per_stage == 0]
        expect(
            [n for n, block in enumerate(blocks) if block.shortcut != "identity"] == wanted,
            expected=f"{len(wanted)} projections, one in the first block of each later stage",
            found=f"{len(projected)}, at {names(block.node for block in projected)}",
            misconception=(
                "projection_on_every_block" if len(projected) == len(blocks) > 1 else None
            ),
            place=at(node for block in projected for node in block.skip),
        )


@weight(3)
def test_resolutions(answers: Answers) -> None:
    """The first stage keeps the resolution of the image,
    each later one halves it once, in its first block.
    """
    for plan, architecture, blocks in networks(answers, CASES):
        sizes = [block.node.size for block in blocks]
        expect(
            sizes == plan.sizes,
            expected=f"feature maps of {_listed(plan.sizes)}",
            found=_listed(sizes),
            misconception=resolution_mistake(plan, sizes),
            place=at(block.node for block in blocks),
        )
        given = [block.fork for block in blocks]
        pooled = structure(architecture).of_kind("maxpool", "avgpool")
        expect(
            [node.size for node in given] == [plan.shape[:2], *plan.sizes[:-1]],
            "a grid that is halved inside the first block of a stage",
            "one that is halved before the block",
            misconception="halved_between_stages" if pooled else None,
            place=at(given),
        )


@weight(2)
def test_widths(answers: Answers) -> None:
    """The blocks of stage i have `filters[i]` channels."""
    for plan, _, blocks in networks(answers, CASES):
        widths = [block.node.channels for block in blocks]
        expect(
            widths == plan.widths,
            f"blocks of {plan.widths} channels",
            str(widths),
            misconception=arguments_mistake(plan, blocks),
            place=at(b.node for b in blocks),
        )


@weight(2)
def test_stem(answers: Answers) -> None:
    """Before the first block stand one 3×3 convolution with `filters[0]`
    and stride 1, batch norm and ReLU.
    """
    for plan, architecture, blocks in networks(answers, CASES):
        way = (*structure(architecture).before(blocks[0].fork), blocks[0].fork) if blocks else ()
        stem = [node for node in way if node.kind not in {"input", "rescale", "augment"}]
        expect(
            words(stem) == f"conv3x3:{plan.filters[0]} bn relu",
            f"the stem conv3x3:{plan.filters[0]} bn relu",
            words(stem),
            place=at(stem),
        )


@weight(2)
def test_rescaling(answers: Answers) -> None:
    """The model itself rescales raw pixels, before its first convolution."""
    architecture = answers.architecture("default")
    found = structure(architecture)
    convolutions, scaled = found.of_kind("conv", "sepconv", "dwconv"), found.of_kind("rescale")
    before = found.before(convolutions[0]) if convolutions else found.form.nodes
    early = [node for node in scaled if node in before]
    expect(
        bool(early),
        expected="a rescaling before the first convolution",
        found=(
            f"the first one, after the convolution, is {names(scaled[:1])}"
            if scaled
            else "no rescaling"
        ),
        misconception="rescaling_late" if scaled else "rescaling_missing",
        place=at(scaled or convolutions[:1]),
    )
    expect_smaller_range(architecture, early)


@weight(2)
def test_global_average_pooling(answers: Answers) -> None:
    """Global average pooling leads from the last block to the classifier."""
    found = structure(answers.architecture("default"))
    last = ending(found.form)
    on_maps = found.output.shape is not None and len(found.output.shape) > 2
    flattened = any(node.kind == "flatten" for node in last)
    expect(
        [node.kind for node in last] == ["gap", "dense"],
        expected="global average pooling, then one dense layer",
        found=words(last),
        misconception=(
            "dense_on_feature_map"
            if on_maps
            else "flatten_instead_of_pooling"
            if flattened
            else None
        ),
        place=at(last),
    )


@weight(2)
def test_output(answers: Answers) -> None:
    """The output is one vector an image, with a number for each class."""
    for plan, architecture, _ in networks(answers, (*CASES, "smallest")):
        output = structure(architecture).output
        expect(
            output.shape == (None, plan.classes),
            expected=f"{plan.classes} numbers for each image",
            found=shown(output),
            misconception=(
                "dense_on_feature_map" if output.shape and len(output.shape) > 2 else None
            ),
            place=at([output]),
        )


@weight(2)
def test_batch_norms(answers: Answers) -> None:
    """Each 3×3 convolution is followed by a batch norm of its own, over channels."""
    for _, architecture, _ in networks(answers, ("default",)):
        convolutions = [
            node for node in structure(architecture).of_kind("conv") if kinds([node]) == "conv3x3"
        ]
        norms = norms_of(architecture, structure(architecture).form.nodes)
        normed = {
            norm.node.layer for norm in norms if norm.layer in convolutions and norm.channels_last
        }
        missing = "batch_norm_missing" if len(norms) < len(convolutions) else None
        wanted = f"{len(convolutions)} batch norms over channels, one for each 3×3 convolution"
        expect(len(normed) == len(convolutions), wanted, str(len(normed)), misconception=missing)


@weight(3)
def test_parameters(answers: Answers) -> None:
    """The number of parameters is that of the architecture;
    biases and batch norms, which are free, not counted.
    """
    for plan, architecture, _ in networks(answers, (*CASES, "smallest")):
        kernels = kernel_parameters(architecture)
        expect(kernels == plan.kernels, f"{plan.kernels:,} parameters in kernels", f"{kernels:,}")


def networks(
    answers: Answers, cases: tuple[str, ...]
) -> Iterator[tuple[Plan, Architecture, tuple[ResidualBlock, ...]]]:
    """What was asked for, what came, and the residual blocks in it, in order."""
    for case, (architecture, found) in zip(
        cases, [network(answers, case) for case in cases], strict=True
    ):
        yield plan_of(answers, case), answers.looking_at(architecture), found


def network(answers: Answers, case: str) -> tuple[Architecture, tuple[ResidualBlock, ...]]:
    architecture = answers.architecture(case)
    return architecture, residual_blocks(architecture)


def plan_of(answers: Answers, case: str) -> Plan:
    question = answers.questions[case]
    assert isinstance(question, Call)
    return Plan(*question.args, **question.kwargs)


def arguments_mistake(plan: Plan, blocks: tuple[ResidualBlock, ...]) -> str | None:
    """Whether a network that was asked for by other arguments is the default one."""
    default = Plan(plan.shape, plan.classes)
    same = [block.node.channels for block in blocks] == default.widths != plan.widths
    return "arguments_ignored" if same else None


def resolution_mistake(plan: Plan, sizes: list[tuple[int | None, ...] | None]) -> str | None:
    if len(set(sizes)) == 1 and len(set(plan.sizes)) > 1:
        return "stages_keep_the_resolution"
    if len(sizes) != len(plan.sizes):
        return "first_stage_halves" if sizes and sizes[0] != plan.sizes[0] else None
    inside = [sizes[n] for n in range(len(sizes)) if n and n % plan.blocks_per_stage]
    before = [sizes[n - 1] for n in range(len(sizes)) if n and n % plan.blocks_per_stage]
    if inside != before:
        return "every_block_halves"
    return "first_stage_halves" if sizes and sizes[0] != plan.sizes[0] else None


def _listed(sizes: list[tuple[int, int]] | list[tuple[int | None, ...] | None]) -> str:
    return ", ".join(dict.fromkeys("×".join(map(str, size or ())) for size in sizes))
