"""inception_module: four parallel branches,
concatenated over channels (Szegedy et al. 2015, figure 2b).
"""

from __future__ import annotations

import numpy as np

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.blocks import concatenations, joins_channels
from autograder.architecture.kinds import NORMS
from autograder.architecture.layers import activation, kernel
from autograder.judge import Call, Case, Question, Symbolic, cases, expect, weight
from autograder.judge.case import Mistake
from autograder.judge.structure import lacking, names

from ._blocks import built, expect_padded, expect_shape, expect_training
from ._module_mistakes import (
    branches_mistake,
    kernels_mistake,
    module_error,
    module_mistake,
    pooling_branch_mistake,
    reduction_3x3_mistake,
    reduction_5x5_mistake,
)
from ._widths import widths

OPEN = ("free", "equal")  # where sizes, or widths, that disagree stop nothing


def questions(rng: np.random.Generator) -> dict[str, Question]:
    numbers = [int(n) for n in rng.choice(range(4, 60), 6, replace=False)]
    size = int(rng.integers(10, 20))
    odd = 2 * int(rng.integers(5, 10)) + 1
    into = int(rng.integers(61, 90))
    return {
        "paper": Call("inception_module", (Symbolic((28, 28, 192)), 64, 96, 128, 16, 32, 32)),
        "other": Call("inception_module", (Symbolic((odd, size, into)), *numbers)),
        "equal": Call("inception_module", (Symbolic((size, size, into)), *[numbers[0]] * 6)),
        "free": Call("inception_module", (Symbolic((None, None, into)), *numbers)),
    }


@weight(2)
@cases("paper", "other", "equal")
def test_output_channels(case: Case) -> None:
    """Height and width stay, and the channels are f1 + f3 + f5 + pool_proj."""
    tensor, *_ = case.args
    expect_shape(case, *tensor.shape[:2], widths(case).channels, mistake=module_mistake)


@weight(3)
@cases("paper", "other", "equal")
def test_four_branches_from_one_tensor(case: Case) -> None:
    """Four branches leave from the module's input and are concatenated over channels."""
    built(case, "free").expect('inception(branches=4, start="input")', mistake=branches_mistake)


@weight(2)
@cases("paper", "other")
def test_1x1_branch(case: Case) -> None:
    """One branch is a 1×1 convolution with f1 filters."""
    expect_branch(case, "1x1", module_mistake)


@weight(2)
@cases("paper", "other")
def test_3x3_branch(case: Case) -> None:
    """One branch is a 1×1 reduction to f3_reduce channels,
    then a 3×3 convolution with f3 filters.
    """
    expect_branch(case, "3x3", reduction_3x3_mistake)


@weight(2)
@cases("paper", "other")
def test_5x5_branch(case: Case) -> None:
    """One branch is a 1×1 reduction to f5_reduce channels,
    then a 5×5 convolution with f5 filters.
    """
    expect_branch(case, "5x5", reduction_5x5_mistake)


@weight(3)
@cases("paper", "other")
def test_pooling_branch(case: Case) -> None:
    """One branch is a 3×3 max pooling with stride 1,
    then a 1×1 convolution with pool_proj filters.
    """
    expect_branch(case, "pooling", pooling_branch_mistake)


@cases("paper")
def test_relu_after_each_convolution(case: Case) -> None:
    """Each convolution is followed by ReLU."""
    here = built(case, *OPEN)
    if not are_added(here):
        here.expect('count("concat")', mistake=module_mistake)
    bare = without_relu(here.architecture)
    wanted, found = "a ReLU after each convolution", f"none after {names(bare)}"
    expect(not bare, wanted, found, mistake="relu_forgotten", missing=lacking("relu", bare))


@weight(2)
@cases("paper", "other")
def test_parameters(case: Case) -> None:
    """For inception (3a) of the paper there are 163,328 parameters in kernels,
    or 163,696 with all biases, and they train.
    """
    here = built(case, *OPEN)
    there = widths(here).kernels
    bare = 'inception(has=["pool3x3/1"])', 'not count("pool") and inception(branches=3)'
    if any(map(here.says, bare)):  # what the pooling branch lacks has its price there
        there -= widths(here).into * widths(here).pool_proj
    here.expect(f"kernels == {there}", mistake=kernels_mistake)
    expect_training(here)


diagnose = module_error


def expect_branch(case: Case, name: str, mistake: Mistake) -> None:
    """Fail unless a branch is as it should be, up to where it joins the others: that they are
    joined as they should be has its own price.
    """
    here = built(case, *OPEN)
    branch = widths(here).branches[name]
    added = are_added(here) and here.says(f'between("input", "add").path("{branch}")')
    stacked = are_stacked(here) and here.says(f'between("input", "concat").path("{branch}")')
    chained = are_chained(here) and here.says(f'contains("{branch}")')
    if not (added or stacked or chained):
        here.expect(f'inception(has=["{branch}"])', mistake=mistake)
    if here.name != case.name:
        nodes = canonical(here.architecture).nodes
        side = {"3x3": 3, "5x5": 5}.get(name)
        own = [node for node in nodes if node.kind == "conv" and kernel(node) == (side, side)]
        pools = [node for node in nodes if name == "pooling" and node.kind == "maxpool"]
        expect_padded([*own, *pools], "branch_without_padding")


def are_added(case: Case) -> bool:
    """Whether the branches are added."""
    return case.says('count("add") == 1 and not count("concat")')


def are_stacked(case: Case) -> bool:
    """Whether the branches are concatenated over another axis than the channels."""
    joined = concatenations(case.architecture)
    return len(joined) == 1 and not joins_channels(joined[0].node)


def are_chained(case: Case) -> bool:
    """Whether branches begin where others end."""
    return any(merge.chained for merge in concatenations(case.architecture))


def without_relu(architecture: Architecture) -> list[Node]:
    """The convolutions that no ReLU follows; the concatenation may stand between."""
    form = canonical(architecture)
    return [n for n in form.nodes if n.kind == "conv" and not passes_relu(form, n)]


def passes_relu(form: Architecture, node: Node) -> bool:
    """Whether what a node gives goes through a ReLU next;
    a norm or the concatenation may stand between.
    """
    readers = form.children(node)
    return bool(readers) and all(
        activation(reader) == "relu"
        or (reader.kind in NORMS | {"concat", "add"} and passes_relu(form, reader))
        for reader in readers
    )
