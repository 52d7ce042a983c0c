"""What is said of blocks and networks: the shapes at their ends, probabilities, one sum."""

from __future__ import annotations

import numpy as np

from autograder.architecture import Node, canonical
from autograder.architecture.kinds import CONVOLUTIONS
from autograder.architecture.layers import dilation
from autograder.judge import Case, expect
from autograder.judge.case import Mistake
from autograder.judge.structure import at, names, shown
from autograder.judge.trained import expect_probabilities, takes

from ._mistakes import no_sum_mistake, output_mistake


def expect_shape(case: Case, *sizes: int, mistake: Mistake = None) -> None:
    """Fail unless the output is of these sizes, the batch left out."""
    case.expect(f'output("{"x".join(map(str, sizes))}")', mistake=mistake)


def expect_images(case: Case) -> None:
    """Fail unless the model takes images of the shape that was asked for, or of any size."""
    given = case.architecture.node(case.architecture.inputs[0])
    fits, wanted = takes(case.architecture, case.args[0]), f"an input of shape {case.args[0]}"
    expect(fits, wanted, shown(given), mistake="input_shape_ignored", place=at([given]))


def expect_classes(case: Case) -> None:
    """Fail unless the output is a probability for each class."""
    pixels = np.random.default_rng(1).uniform(0, 255, (2, *case.args[0])).astype("float32")
    expect_probabilities(case, pixels, mistake=output_mistake)


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


def expect_sum(case: Case, claim: str, mistake: Mistake = None) -> None:
    """Fail unless there is one sum of two ways through the block, and it is as the claim says."""
    case.expect('residual(shortcut="any", ways=2, n=1)', mistake=no_sum_mistake)
    case.expect(f"residual({claim}, n=1)", mistake=mistake)
