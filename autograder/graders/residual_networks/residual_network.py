"""residual_network: rescaling, stem, stages of residual blocks,
pooling, classifier (He et al. 2015, 4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np

from autograder.architecture import Node
from autograder.architecture.blocks import sums
from autograder.architecture.missing import Missing, layer
from autograder.architecture.node import Shape
from autograder.judge import Call, Case, Question, cases, expect, needs, weight
from autograder.judge.structure import at, differing, lacking, names

from ._blocks import expect_classes, expect_images, expect_shape, expect_training
from ._mistakes import (
    arguments_mistake,
    ending_mistake,
    halving_mistake,
    inside_mistake,
    map_mistake,
    norms_mistake,
    resolution_mistake,
    shortcuts_mistake,
)
from ._pixels import expect_rescaling
from ._resnet import (
    bare_convolutions,
    blocks_of,
    ends_of,
    first_layer,
    plan_of,
    shortcuts_of,
    sizes_of,
    starts_of,
)

NEEDS = ("residual_block",)
ENDING = "(dense | conv1x1 flatten?) (arith|op)*"  # a softmax may be written out after it
SHORTCUT = "identity|projection|pool|linear|stretched"


def questions(rng: np.random.Generator) -> dict[str, Question]:
    side, other_side = (int(n) for n in 16 * rng.choice(range(2, 6), 2, replace=False))
    widths = np.sort(rng.choice(range(4, 40), 4, replace=False))
    return {
        "default": Call("build_resnet", ((64, 64, 3), 6)),
        "others": Call(
            "build_resnet",
            ((side, other_side, 3), int(rng.choice([2, 4, 5, 7, 8, 9]))),
            {"filters": tuple(int(width) for width in widths), "blocks_per_stage": 3},
        ),
        "smallest": Call(
            "build_resnet",
            ((side, side, 1), 3),
            {"filters": (int(widths[0]),), "blocks_per_stage": 1},
        ),
        "level": Call(
            "build_resnet",
            ((side, side, 3), 3),
            {"filters": (int(widths[0]), int(widths[0])), "blocks_per_stage": 1},
        ),
    }


@weight(3)
@cases("default", "others", "smallest")
def test_number_of_blocks(case: Case) -> None:
    """There are `blocks_per_stage` residual blocks for each entry of `filters`,
    one after the other.
    """
    case.expect("shared == 0", mistake="layer_shared_by_accident")
    asked = f'body="conv3x3 conv3x3", shortcut="{SHORTCUT}", n={len(plan_of(case).widths)}'
    case.expect(f"residual({asked})", mistake=arguments_mistake)


@weight(3)
@cases("default", "others", "smallest")
def test_projections(case: Case) -> None:
    """Only the first block of a new stage has a projection;
    every other shortcut is the identity.
    """
    found, wanted = ", ".join(shortcuts_of(case)), ", ".join(plan_of(case).shortcuts)
    place, missing = shortcuts_at(case)
    expect(
        found == wanted,
        f"the shortcuts {wanted}",
        found or "none",
        shortcuts_mistake(case),
        place=place,
        missing=missing,
    )


@weight(3)
@cases("default", "others", "level")
def test_resolutions(case: Case) -> None:
    """The first stage keeps the resolution of the image,
    each later one halves it once, in its first block, whether or not it is wider.
    """
    plan = plan_of(case)
    expect_sizes("maps that blocks give", ends_of(case), plan.sizes, resolution_mistake(case))
    given = [plan.shape[:2], *plan.sizes[:-1]]
    expect_sizes("maps that blocks are given", starts_of(case), given, halving_mistake(case))


@weight(2)
@cases("default", "others")
def test_widths(case: Case) -> None:
    """The blocks of stage i have `filters[i]` channels."""
    ends, wanted = ends_of(case), plan_of(case).widths
    found, known = [node.channels for node in ends], arguments_mistake(case)
    place = at(differing(ends, found, wanted))
    expect(found == wanted, f"blocks of {wanted} channels", found or "none", known, place=place)


@weight(2)
@cases("default", "others")
def test_stem(case: Case) -> None:
    """Before the first block stand one 3×3 convolution with `filters[0]`
    and stride 1, batch norm and ReLU.
    """
    stem = f"augment* conv3x3/1:{plan_of(case).filters[0]} bn relu"
    case.expect(f'between("input", {first_layer(case)!r}).path("{stem}")')


@weight(2)
@cases("default")
def test_rescaling(case: Case) -> None:
    """The model itself rescales raw pixels, before its first convolution."""
    expect_rescaling(case)


@weight(2)
@cases("default")
def test_global_average_pooling(case: Case) -> None:
    """Global average pooling leads from the last block to the classifier."""
    case.expect(f'between("gap", "output").path("{ENDING}")', mistake=ending_mistake)


@weight(2)
@cases("default", "others", "smallest")
def test_output(case: Case) -> None:
    """It takes images of the shape asked for,
    and its output is one vector an image, with a number for each class.
    """
    expect_images(case)
    expect_shape(case, plan_of(case).classes, mistake=map_mistake)


@weight(2)
@needs("test_output")
@cases("smallest")
def test_probabilities(case: Case) -> None:
    """What it gives are probabilities: they add up to 1."""
    expect_classes(case)


@weight(2)
@cases("default")
def test_batch_norms(case: Case) -> None:
    """Each 3×3 convolution is followed by a batch norm of its own, over channels."""
    case.expect('count("conv3x3")')
    bare = bare_convolutions(case.architecture)
    wanted, found = "a batch norm after each 3×3 convolution", f"no own one after {names(bare)}"
    expect(not bare, wanted, found, norms_mistake(case), missing=lacking("batch norm", bare))


@weight(3)
@cases("default", "others", "smallest")
def test_parameters(case: Case) -> None:
    """The number of parameters is that of the architecture;
    biases and batch norms, which are free, not counted; and they train.
    """
    case.expect(f"kernels == {plan_of(case).kernels}", mistake=inside_mistake)
    expect_training(case, apart_from=sums(case.architecture))


def expect_sizes(
    what: str, nodes: Sequence[Node], wanted: Sequence[Shape], mistake: str | None
) -> None:
    """Fail unless feature maps have these heights and widths."""
    found = sizes_of(nodes)
    place = at(differing(nodes, found, wanted))
    expect(found == wanted, f"{what}: {listed(wanted)}", listed(found), mistake, place=place)


def shortcuts_at(case: Case) -> tuple[tuple[int, ...], tuple[Missing, ...]]:
    """The layers on shortcuts that should be identities, and the projections that are missing."""
    blocks, wanted = blocks_of(case), plan_of(case).shortcuts
    idle = [block for block, kind in zip(blocks, wanted, strict=False) if kind == "identity"]
    lacks = [
        layer("projection", block.fork, block.node)
        for block, kind in zip(blocks, wanted, strict=False)
        if kind == "projection" and block.shortcut == "identity"
    ]
    return at(node for block in idle for node in block.skip), tuple(lacks)


def listed(sizes: Iterable[Shape | None]) -> str:
    """Heights and widths, and how many in a row have them."""
    runs = [(size, len([*same])) for size, same in groupby(sizes)]
    words = [f"{count} of {'×'.join(map(str, size or ()))}" for size, count in runs]
    return ", ".join(words) or "none"
