"""inception_module: four parallel branches,
concatenated over channels (Szegedy et al. 2015, figure 2b).
"""

from __future__ import annotations

import numpy as np

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.kinds import NORMS
from autograder.architecture.layers import activation
from autograder.judge import Call, Case, Question, Symbolic, cases, expect, weight
from autograder.judge.structure import lacking, names

from ._blocks import expect_shape
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


def questions(rng: np.random.Generator) -> dict[str, Question]:
    numbers = [int(n) for n in rng.choice(range(4, 60), 6, replace=False)]
    size = int(rng.integers(10, 20))
    odd = 2 * int(rng.integers(5, 10)) + 1
    into = int(rng.integers(61, 90))
    return {
        "paper": Call("inception_module", (Symbolic((28, 28, 192)), 64, 96, 128, 16, 32, 32)),
        "other": Call("inception_module", (Symbolic((odd, size, into)), *numbers)),
        "equal": Call("inception_module", (Symbolic((size, size, into)), *[numbers[0]] * 6)),
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
    case.expect('inception(branches=4, start="input")', mistake=branches_mistake)


@weight(2)
@cases("paper", "other")
def test_1x1_branch(case: Case) -> None:
    """One branch is a 1×1 convolution with f1 filters."""
    branch = f"conv1x1/1:{widths(case).f1}"
    case.expect(f'inception(has=["{branch}"])', mistake=module_mistake)


@weight(2)
@cases("paper", "other")
def test_3x3_branch(case: Case) -> None:
    """One branch is a 1×1 reduction to f3_reduce channels,
    then a 3×3 convolution with f3 filters.
    """
    branch = f"conv1x1/1:{widths(case).f3_reduce} conv3x3/1:{widths(case).f3}"
    case.expect(f'inception(has=["{branch}"])', mistake=reduction_3x3_mistake)


@weight(2)
@cases("paper", "other")
def test_5x5_branch(case: Case) -> None:
    """One branch is a 1×1 reduction to f5_reduce channels,
    then a 5×5 convolution with f5 filters.
    """
    branch = f"conv1x1/1:{widths(case).f5_reduce} conv5x5/1:{widths(case).f5}"
    case.expect(f'inception(has=["{branch}"])', mistake=reduction_5x5_mistake)


@weight(3)
@cases("paper", "other")
def test_pooling_branch(case: Case) -> None:
    """One branch is a 3×3 max pooling with stride 1,
    then a 1×1 convolution with pool_proj filters.
    """
    branch = f"maxpool3x3/1 conv1x1/1:{widths(case).pool_proj}"
    case.expect(f'inception(has=["{branch}"])', mistake=pooling_branch_mistake)


@cases("paper")
def test_relu_after_each_convolution(case: Case) -> None:
    """Each convolution is followed by ReLU."""
    case.expect('inception(branches="2+")', mistake=module_mistake)
    bare = without_relu(case.architecture)
    wanted, found = "a ReLU after each convolution", f"none after {names(bare)}"
    expect(not bare, wanted, found, mistake="relu_forgotten", missing=lacking("relu", bare))


@weight(2)
@cases("paper", "other")
def test_parameters(case: Case) -> None:
    """For inception (3a) of the paper there are 163,328 parameters in kernels,
    or 163,696 with all biases.
    """
    case.expect(f"kernels == {widths(case).kernels}", mistake=kernels_mistake)


diagnose = module_error


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
        or (reader.kind in NORMS | {"concat"} and passes_relu(form, reader))
        for reader in readers
    )
