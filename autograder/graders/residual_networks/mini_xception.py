"""mini_xception: augmentation, rescaling, a plain convolution,
separable blocks, pooling, dropout, classifier.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import dropwhile
from typing import Any

import numpy as np

from autograder.answers.questions import Call, Question
from autograder.architecture import Architecture, canonical
from autograder.architecture.blocks import ResidualBlock, sums
from autograder.architecture.facts import batch_norms, separable_convolutions
from autograder.architecture.kinds import LEARNING
from autograder.architecture.parameters import count_parameters
from autograder.architecture.rebuild import rebuild
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.structure import (
    at,
    ending,
    expect_smaller_range,
    has_bias,
    names,
    shown,
    structure,
    words,
)

NEEDS = ("separable_block",)
CAP = 500_000
DROPOUT = frozenset({"dropout"})


def questions(rng: np.random.Generator) -> dict[str, Question]:
    height, across = (int(n) for n in 16 * rng.choice(range(3, 7), 2, replace=False))
    return {
        "default": Call("build_mini_xception", ((64, 64, 3), 6)),
        "other": Call("build_mini_xception", ((height, across, 3), int(rng.integers(2, 12)))),
    }


@weight(2)
def test_augmentation(answers: Answers) -> None:
    """Augmentation comes before the first convolution."""
    found = structure(answers.architecture("default"))
    augmenting, first = found.of_kind("augment"), found.of_kind(*LEARNING)[:1]
    early = [node for node in augmenting if first and node in found.before(first[0])]
    expect(
        bool(early),
        expected="layers of augmentation before the first convolution",
        found=(
            f"{names(augmenting)} after {names(first)}"
            if augmenting
            else "no augmentation on the way to the output"
        ),
        misconception="augmentation_after_convolution" if augmenting else "augmentation_missing",
        place=at([*augmenting, *first]),
    )


@needs("test_augmentation")
def test_augmentation_only_in_training(answers: Answers) -> None:
    """The augmentation changes the images in training and leaves them alone in inference."""
    model = rebuild(without_dropout(answers.architecture("default").config))
    bright = np.random.default_rng(1).uniform(0, 255, (2, 64, 64, 3)).astype("float32")
    once, again = (np.asarray(model(bright, training=False)) for _ in range(2))
    expect(
        bool(np.allclose(once, again)), "the same answer twice in inference", "two different ones"
    )
    # Without a rescaling the softmax of bright images may be 0 and 1
    # whatever the augmentation does, so try dark ones.
    expect(
        any(varies(model, images) for images in (bright, bright / 255, bright / 255**2)),
        "images that change at random in training",
        "the same answer each time",
    )


@weight(2)
def test_rescaling(answers: Answers) -> None:
    """The model itself rescales raw pixels, before the first convolution."""
    architecture = answers.architecture("default")
    found = structure(architecture)
    scaling, first = found.of_kind("rescale"), found.of_kind(*LEARNING)[:1]
    early = [node for node in scaling if first and node in found.before(first[0])]
    late = "rescaling_late" if scaling else "rescaling_missing"
    expect(
        bool(early),
        "a rescaling before the first convolution",
        names(scaling),
        late,
        place=at([*scaling, *first]),
    )
    expect_smaller_range(architecture, early)


@weight(2)
def test_plain_first_convolution(answers: Answers) -> None:
    """The first convolution, on the colours, is a plain one."""
    first = structure(answers.architecture("default")).of_kind(*LEARNING)[:1]
    separable = [node for node in first if node.kind in {"sepconv", "dwconv"}]
    expect([node.kind for node in first] == ["conv"], "a plain convolution first", words(first),
           misconception="separable_on_rgb" if separable else None, place=at(first))  # fmt: skip


@weight(4)
def test_separable_residual_blocks(answers: Answers) -> None:
    """At least four residual blocks have separable convolutions in their body."""
    for architecture, blocks in networks(answers):
        expect(
            len(blocks) >= 4,
            "at least four residual blocks with separable convolutions",
            f"{len(blocks)}: {names(block.node for block in blocks)}",
            misconception=blocks_mistake(architecture, len(blocks)),
            place=at(b.node for b in blocks),
        )


@weight(2)
@needs("test_separable_residual_blocks")
def test_growing_width(answers: Answers) -> None:
    """The blocks get wider on the way to the output."""
    for _, blocks in networks(answers):
        widths = [block.node.channels or 0 for block in blocks]
        expect(
            widths == sorted(widths) and widths[-1] > widths[0],
            "blocks of growing width",
            f"widths {widths}",
            misconception="widths_do_not_grow",
            place=at(block.node for block in blocks),
        )


@weight(2)
def test_head(answers: Answers) -> None:
    """Global average pooling, dropout and a dense layer, in this order, end the network."""
    form = canonical(answers.architecture("default"), DROPOUT)
    last = list(dropwhile(lambda node: node.kind == "dropout", ending(form, "dropout")))
    kinds = [node.kind for node in last]
    dropouts = [node for node in last if node.kind == "dropout"]
    expect(
        kinds[:1] == ["gap"]
        and "dropout" in kinds
        and kinds[-1] == "dense"
        and "flatten" not in kinds,
        expected="global average pooling, then dropout, then a dense layer",
        found=words(last),
        misconception=head_mistake(kinds),
        place=at(dropouts or last),
    )


@weight(2)
def test_output(answers: Answers) -> None:
    """The output is one vector an image, with a number for each class."""
    for case in ("default", "other"):
        question = answers.questions[case]
        assert isinstance(question, Call)
        output, classes = structure(answers.architecture(case)).output, question.args[1]
        expect(
            output.shape == (None, classes),
            f"{classes} numbers for each image",
            shown(output),
            place=at([output]),
        )


@weight(2)
def test_norm_before_activation(answers: Answers) -> None:
    """Where a convolution has a batch norm, the norm comes before the activation."""
    norms = batch_norms(answers.architecture("default"))
    late = [norm.node for norm in norms if norm.after_activation]
    expect(
        not late,
        "convolution, batch norm, activation",
        f"an activation right before {names(late)}",
        misconception="batch_norm_after_activation",
        place=at(late),
    )


@weight(2)
def test_no_idle_bias(answers: Answers) -> None:
    """A convolution that a batch norm follows has no bias."""
    architecture = answers.architecture("default")
    norms = batch_norms(architecture)
    idle = [
        norm.layer
        for norm in norms
        if norm.layer is not None and has_bias(architecture, norm.layer)
    ]
    expect(not idle, "no bias before a batch norm", f"a bias in {names(idle)}",
           misconception="bias_before_batch_norm", place=at(idle))  # fmt: skip


@weight(2)
@needs("test_separable_residual_blocks")
def test_parameter_cap(answers: Answers) -> None:
    """For images of 64×64×3 and 6 classes the network has at most 500,000 parameters."""
    total = count_parameters(answers.architecture("default")).total
    expect(
        total <= CAP,
        f"at most {CAP:,} parameters",
        f"{total:,}",
        misconception="over_parameter_cap",
    )


def varies(model: Any, images: np.ndarray) -> bool:
    """Whether a model in training answers the same images in several ways."""
    first = np.asarray(model(images, training=True))
    return any(
        not np.allclose(first, np.asarray(model(images, training=True)), atol=1e-7)
        for _ in range(12)
    )


def networks(answers: Answers) -> Iterator[tuple[Architecture, list[ResidualBlock]]]:
    """The answers, each with its residual blocks of separable convolutions."""
    architectures = [answers.architecture(case) for case in ("default", "other")]
    for architecture in architectures:
        yield answers.looking_at(architecture), separable_blocks(architecture)


def separable_blocks(architecture: Architecture) -> list[ResidualBlock]:
    separable = {node.id for node in separable_convolutions(architecture)}
    return [block for block in sums(architecture) if separable & {node.id for node in block.body}]


def blocks_mistake(architecture: Architecture, count: int) -> str | None:
    if not sums(architecture):
        return "no_residual_connection"
    return "plain_convolution_instead_of_separable" if count == 0 else None


def head_mistake(kinds: list[str]) -> str | None:
    if "flatten" in kinds:
        return "flatten_instead_of_pooling"
    if "gap" in kinds and "dense" in kinds:
        return "dropout_missing"
    return "dense_on_feature_map" if "dense" in kinds and "gmp" not in kinds else None


def without_dropout(config: Any) -> Any:
    """The same configuration with every dropout at rate 0, so that augmentation alone is random."""

    def silence(entry: dict[str, Any]) -> dict[str, Any]:
        if "Dropout" in str(entry.get("class_name")) and isinstance(entry.get("config"), dict):
            entry["config"]["rate"] = 0.0
        return entry

    return json.loads(json.dumps(config), object_hook=silence)
