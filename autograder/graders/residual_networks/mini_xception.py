"""mini_xception: augmentation, rescaling, a plain convolution,
separable blocks, pooling, dropout, classifier.
"""

from __future__ import annotations

import numpy as np

from autograder.architecture import Node, canonical, match
from autograder.architecture.blocks import residual_blocks, sums
from autograder.architecture.facts import batch_norms, preparations, separable_convolutions
from autograder.architecture.kinds import LEARNING
from autograder.architecture.witnesses import Augmentation, augmentation
from autograder.judge import Call, Case, Question, cases, expect, needs, weight
from autograder.judge.structure import at, lacking_at_first, names, words

from ._blocks import expect_classes, expect_images, expect_training
from ._mistakes import augmentation_mistake, blocks_mistake, first_mistake, head_mistake
from ._pixels import expect_rescaling

NEEDS = ("separable_block",)
CAP = 500_000
# of residual blocks; a norm or an activation may stand between depthwise and pointwise
SEPARABLE = 'body=".* (sepconv | dwconv conv1x1) .*"'
# a softmax may be written out after the dense layer
HEAD = 'path(".* gap .* dropout .* (dense|conv1x1) (flatten|reshape)? (arith|op)*")'


def questions(rng: np.random.Generator) -> dict[str, Question]:
    height, across = (int(n) for n in 16 * rng.choice(range(3, 7), 2, replace=False))
    classes = int(rng.choice([2, 3, 4, 5, 7, 8, 9]))
    return {
        "default": Call("build_mini_xception", ((64, 64, 3), 6)),
        "other": Call("build_mini_xception", ((height, across, 3), classes)),
    }


@weight(2)
@cases("default")
def test_augmentation(case: Case) -> None:
    """Augmentation comes before the first convolution."""
    every, early = augmenting(case)
    wanted = "layers of augmentation before the first convolution"
    found = f"{names(every)} after it" if every else "none that changes anything"
    missing = lacking_at_first("augmentation", case.architecture)
    known = augmentation_mistake(case)
    expect(bool(early), wanted, found, known, place=at(every), missing=missing)


@needs("test_augmentation")
@cases("default")
def test_augmentation_only_in_training(case: Case) -> None:
    """The augmentation changes the images in training and leaves them alone in inference."""
    found = witnessed(case)
    expect(found.silent, "the same answer twice in inference", "two different ones")
    expect(found.active, "images that change at random in training", "the same answer each time")


@weight(2)
@cases("default")
def test_rescaling(case: Case) -> None:
    """The model itself rescales raw pixels, before the first convolution."""
    expect_rescaling(case)


@weight(2)
@cases("default")
def test_plain_first_convolution(case: Case) -> None:
    """The first convolution, on the colours, is a plain one."""
    first = first_layer(case)
    plain, found = [node.kind for node in first] == ["conv"], words(first)
    expect(plain, "a plain convolution first", found, first_mistake(found), place=at(first))


@weight(4)
@cases("default", "other")
def test_separable_residual_blocks(case: Case) -> None:
    """At least four residual blocks have separable convolutions in their body."""
    case.expect(f'residual({SEPARABLE}, n="4+")', mistake=blocks_mistake)


@weight(2)
@needs("test_separable_residual_blocks")
@cases("default", "other")
def test_growing_width(case: Case) -> None:
    """The blocks get wider on the way to the output."""
    ends = separable_sums(case)
    widths = [node.channels or 0 for node in ends]
    grow = widths == sorted(widths) and widths[-1] > widths[0]
    wanted, found = "blocks of growing width", f"widths {widths}"
    expect(grow, wanted, found, mistake="widths_do_not_grow", place=at(ends))


@weight(2)
@cases("default")
def test_head(case: Case) -> None:
    """Global average pooling, dropout and a dense layer, in this order, end the network."""
    wanted = "global average pooling, then dropout, then a dense layer"
    last, read = case.architecture.nodes[-6:], match(HEAD, case.architecture)
    known = head_mistake(case)
    expect(read.ok, wanted, words(last), known, place=read.place, missing=read.missing)


@weight(2)
@cases("default", "other")
def test_output(case: Case) -> None:
    """It takes images of the shape asked for,
    and its output is one vector an image, with a number for each class.
    """
    _, classes = case.args
    expect_images(case)
    case.expect(f'output("{classes}")')


@weight(2)
@needs("test_output")
@cases("default")
def test_probabilities(case: Case) -> None:
    """What it gives are probabilities: they add up to 1."""
    expect_classes(case)


@weight(2)
@cases("default")
def test_norm_before_activation(case: Case) -> None:
    """Where a convolution has a batch norm, the norm comes before the activation."""
    case.expect('count("bn")')
    late = [norm.node for norm in batch_norms(case.architecture) if norm.after_activation]
    wanted = "convolution, batch norm, activation"
    found = f"an activation right before {names(late)}"
    expect(not late, wanted, found, mistake="batch_norm_after_activation", place=at(late))


@weight(2)
@cases("default")
def test_no_idle_bias(case: Case) -> None:
    """A convolution that a batch norm follows has no bias."""
    case.expect('count("bn")')
    idle = with_idle_bias(case)
    wanted, found = "no bias before a batch norm", f"a bias in {names(idle)}"
    expect(not idle, wanted, found, mistake="bias_before_batch_norm", place=at(idle))


@weight(2)
@needs("test_separable_residual_blocks")
@cases("default")
def test_parameter_cap(case: Case) -> None:
    """For images of 64×64×3 and 6 classes the network has at most 500,000 parameters, and they
    train.
    """
    case.expect(f"parameters <= {CAP}", mistake="over_parameter_cap")
    expect_training(case, apart_from=sums(case.architecture))


def augmenting(case: Case) -> tuple[list[Node], list[Node]]:
    """The layers that augment, and those of them that come before all layers with weights."""
    found = [one for one in preparations(case.architecture) if one.node.kind == "augment"]
    return [one.node for one in found], [one.node for one in found if one.before_convolutions]


def witnessed(case: Case) -> Augmentation:
    """What the augmentation does to bright images, or else to darker ones: without a rescaling,
    the softmax of bright ones may be 0 and 1 whatever it does.
    """
    bright = np.random.default_rng(1).uniform(0, 255, (2, 64, 64, 3)).astype("float32")
    seen = (augmentation(case.model, bright / 255**power, noise=True) for power in range(3))
    return next((one for one in seen if one.active), Augmentation(active=False, silent=True))


def first_layer(case: Case) -> list[Node]:
    """The first layer with weights, if there is one."""
    return [node for node in canonical(case.architecture).nodes if node.kind in LEARNING][:1]


def separable_sums(case: Case) -> list[Node]:
    """Where the residual blocks with separable convolutions end, in order."""
    separable = set(separable_convolutions(case.architecture))
    return [b.node for b in residual_blocks(case.architecture) if separable & set(b.body)]


def with_idle_bias(case: Case) -> list[Node]:
    """The layers with a bias that a batch norm follows."""
    return [norm.layer for norm in batch_norms(case.architecture) if norm.layer and norm.bias]
