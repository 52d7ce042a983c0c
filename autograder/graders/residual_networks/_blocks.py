"""What is said of blocks and networks: the shapes at their ends, probabilities, one sum."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from autograder.architecture import Node, canonical
from autograder.architecture.blocks import ResidualBlock
from autograder.architecture.kinds import CONVOLUTIONS
from autograder.architecture.layers import dilation, kernel
from autograder.judge import Case, expect
from autograder.judge.case import Mistake
from autograder.judge.structure import at, held_still, names, shown
from autograder.judge.trained import expect_pixels, expect_probabilities, takes

from ._mistakes import no_sum_mistake, output_mistake


def expect_shape(case: Case, *sizes: int, mistake: Mistake = None) -> None:
    """Fail unless the output is of these sizes, the batch left out."""
    case.expect(f'output("{"x".join(map(str, sizes))}")', mistake=mistake)


def expect_images(case: Case) -> None:
    """Fail unless the model takes images of the shape that was asked for, or of any size."""
    given = case.architecture.node(case.architecture.inputs[0])
    fits, wanted = takes(case.architecture, case.args[0]), f"an input of shape {case.args[0]}"
    expect(fits, wanted, shown(given), mistake="input_shape_ignored", place=at([given]))
    expect_pixels(given)


def expect_classes(case: Case) -> None:
    """Fail unless the output is a probability for each class."""
    pixels = np.random.default_rng(1).uniform(0, 255, (2, *case.args[0])).astype("float32")
    expect_probabilities(case, pixels, mistake=output_mistake)


def expect_training(case: Case, apart_from: Iterable[ResidualBlock] = ()) -> None:
    """Fail if a layer never trains: nothing in these models was learnt elsewhere. What is held
    still inside of some blocks has its price where those are made.
    """
    inside = at(node for block in apart_from for node in block.nodes)
    still = [node for node in held_still(case.architecture) if node.id not in inside]
    wanted, found = "layers that train", f"{names(still)} with trainable=False"
    expect(not still, wanted, found, mistake="layers_held_still", place=at(still))


def expect_plain(case: Case) -> None:
    """Fail if a convolution has gaps in its kernel, groups, or several filters for each channel."""
    nodes = [node for node in canonical(case.architecture).nodes if node.kind in CONVOLUTIONS]
    others = [node for node in nodes if unusual(node)]
    wanted, found = "convolutions without gaps and groups", ", ".join(map(described, others))
    expect(not others, wanted, found, mistake="convolution_unusual", place=at(others))


def described(node: Node) -> str:
    """A convolution and those of its settings that plain ones leave alone."""
    return f"{names([node])} with {', '.join(unusual(node))}"


def unusual(node: Node) -> list[str]:
    """The settings by which a convolution is dilated, grouped, or widens each channel by itself."""
    more = [name for name in ("groups", "depth_multiplier") if (node.config.get(name) or 1) > 1]
    gaps = set(dilation(node) or {1}) != {1}
    return [f"{name}={node.config[name]}" for name in [*gaps * ["dilation_rate"], *more]]


def built(case: Case, *others: str) -> Case:
    """The case, or where its call stopped with an error, the first of the other questions that gave
    a model: with height and width left open, where sizes that disagree stop nothing. So what is
    right is judged; that the call stops has its price elsewhere.
    """
    names = (case.name, *others)
    models = (name for name in names if case.answers.outcome(name).outcome == "model")
    return replace(case, name=next(models, case.name))


def expect_padded(nodes: Iterable[Node], mistake: str) -> None:
    """Fail if a layer cuts off the rim, which no size shows where sizes are left open."""
    wide = [node for node in nodes if max(kernel(node) or (1,)) > 1]
    bare = [node for node in wide if node.config.get("padding") != "same"]
    wanted, found = "layers that keep the rim (padding='same')", f"{names(bare)} without"
    expect(not bare, wanted, found, mistake, place=at(bare))


def expect_sum(case: Case, claim: str, mistake: Mistake = None) -> None:
    """Fail unless there is one sum of two ways through the block, and it is as the claim says."""
    case.expect('residual(shortcut="any", ways=2, n=1)', mistake=no_sum_mistake)
    case.expect(f"residual({claim}, n=1)", mistake=mistake)
