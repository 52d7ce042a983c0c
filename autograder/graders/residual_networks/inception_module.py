"""inception_module: four parallel branches,
concatenated over channels (Szegedy et al. 2015, figure 2b).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from autograder.answers.questions import Call, Question, Symbolic
from autograder.architecture import Architecture, Node
from autograder.architecture.blocks import joins_channels
from autograder.architecture.kinds import NORMS
from autograder.architecture.layers import activation, label
from autograder.architecture.merges import Merge, joined_merges
from autograder.architecture.parameters import kernel_parameters
from autograder.judge import Answers, Failure, expect, weight
from autograder.judge.structure import (
    at,
    is_sum_error,
    names,
    plain,
    shapes_in,
    shown,
    structure,
    words,
)  # fmt: skip
from autograder.records import CellError

CASES = ("paper", "other")


class Plan(NamedTuple):
    """What a question asks for: the numbers of filters, in the order of the arguments."""

    f1: int
    f3_reduce: int
    f3: int
    f5_reduce: int
    f5: int
    pool_proj: int

    @property
    def branches(self) -> tuple[str, str, str, str]:
        """The four branches in words."""
        return (
            f"conv1x1:{self.f1}",
            f"conv1x1:{self.f3_reduce} conv3x3:{self.f3}",
            f"conv1x1:{self.f5_reduce} conv5x5:{self.f5}",
            f"maxpool3x3 conv1x1:{self.pool_proj}",
        )

    @property
    def channels(self) -> int:
        """Channels of the output."""
        return self.f1 + self.f3 + self.f5 + self.pool_proj

    def kernels(self, into: int) -> int:
        """Parameters in kernels for that many channels in."""
        ones = into * (self.f1 + self.f3_reduce + self.f5_reduce + self.pool_proj)
        return ones + 9 * self.f3_reduce * self.f3 + 25 * self.f5_reduce * self.f5


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
def test_output_channels(answers: Answers) -> None:
    """Height and width stay, and the channels are f1 + f3 + f5 + pool_proj."""
    for case in (*CASES, "equal"):
        tensor, plan = asked(answers, case)
        output = structure(answers.architecture(case, diagnose)).output
        wanted = (None, *tensor.shape[:2], plan.channels)
        text = "×".join(map(str, wanted[1:]))
        over_rows = output.kind == "concat" and not joins_channels(output)
        expect(
            output.shape == wanted,
            f"{text} from {answers.words(case)}",
            shown(output),
            misconception="concatenated_over_rows" if over_rows else None,
            place=at([output]),
        )


@weight(3)
def test_four_branches_from_one_tensor(answers: Answers) -> None:
    """Four branches leave from the module's input and are concatenated over channels."""
    for _, architecture, merge in modules(answers, (*CASES, "equal")):
        starts = [branch for branch in merge.branches if branch]
        chained = chained_branches(architecture, merge)
        expect(
            merge.fork is not None
            and merge.fork.kind == "input"
            and len(starts) == 4
            and not chained,
            expected="four branches, each from the module's input to the concatenation",
            found=(
                f"{len(starts)} branches: "
                f"{'; '.join(words(plain(branch)) for branch in merge.branches)}"
            ),
            misconception=(
                "branches_chained" if chained else "branch_missing" if len(starts) < 4 else None
            ),
            place=at([merge.node]),
        )


@weight(2)
def test_1x1_branch(answers: Answers) -> None:
    """One branch is a 1×1 convolution with f1 filters."""
    expect_branch(answers, 0)


@weight(2)
def test_3x3_branch(answers: Answers) -> None:
    """One branch is a 1×1 reduction to f3_reduce channels,
    then a 3×3 convolution with f3 filters.
    """
    expect_branch(answers, 1)


@weight(2)
def test_5x5_branch(answers: Answers) -> None:
    """One branch is a 1×1 reduction to f5_reduce channels,
    then a 5×5 convolution with f5 filters.
    """
    expect_branch(answers, 2)


@weight(2)
def test_pooling_branch(answers: Answers) -> None:
    """One branch is a 3×3 max pooling with stride 1,
    then a 1×1 convolution with pool_proj filters.
    """
    expect_branch(answers, 3)


def test_relu_after_each_convolution(answers: Answers) -> None:
    """Each convolution is followed by ReLU."""
    for _, architecture, _ in modules(answers, ("paper",)):
        form = structure(architecture).form
        bare = [node for node in form.nodes if node.kind == "conv" and not passes_relu(form, node)]
        expect(not bare, "a ReLU after each convolution", f"none after {names(bare)}",
               misconception="relu_forgotten", place=at(bare))  # fmt: skip


@weight(2)
def test_parameters(answers: Answers) -> None:
    """For inception (3a) of the paper there are 163,328 parameters in kernels,
    or 163,696 with all biases.
    """
    for case in CASES:
        tensor, plan = asked(answers, case)
        architecture = answers.architecture(case, diagnose)
        kernels, wanted = kernel_parameters(architecture), plan.kernels(tensor.shape[2] or 0)
        expect(kernels == wanted, f"{wanted:,} parameters in kernels", f"{kernels:,}",
               misconception="reductions_forgotten" if kernels > 2 * wanted else None)  # fmt: skip


def modules(answers: Answers, cases: tuple[str, ...]) -> Iterator[tuple[Plan, Architecture, Merge]]:
    """What was asked for, what came, and the concatenation in it."""
    architectures = [answers.architecture(case, diagnose) for case in cases]
    for case, architecture in zip(cases, architectures, strict=True):
        yield (
            asked(answers, case)[1],
            answers.looking_at(architecture),
            the_concatenation(architecture),
        )


def the_concatenation(architecture: Architecture) -> Merge:
    """The merge of the most branches, a concatenation over the last axis."""
    merges = joined_merges(architecture)
    if not merges:
        raise Failure(
            "four branches that are concatenated",
            "nothing is merged",
            misconception="branches_chained",
        )
    merge = max(merges, key=lambda merge: len(merge.branches))
    mistake = {"concat": "concatenated_over_rows", "add": "add_instead_of_concatenate"}.get(
        merge.kind
    )
    expect(
        joins_channels(merge.node),
        expected="a concatenation over the last axis, the channels",
        found=f"«{merge.node.name}», {merge.kind} over axis {merge.node.config.get('axis')}",
        misconception=mistake,
        place=at([merge.node]),
    )
    return merge


def expect_branch(answers: Answers, number: int) -> None:
    for plan, _, merge in modules(answers, CASES):
        branches = [spelled(branch) for branch in merge.branches]
        wanted = plan.branches[number]
        expect(
            wanted in branches,
            expected=f"a branch {wanted}, stride 1 throughout",
            found="; ".join(branches),
            misconception=branch_mistake(plan, number, branches),
            place=at([merge.node]),
        )


def spelled(branch: tuple[Node, ...]) -> str:
    """A branch in words, as plans spell it."""
    return " ".join(label(node) for node in plain(branch))


def branch_mistake(plan: Plan, number: int, branches: list[str]) -> str | None:
    last = plan.branches[number].split()[-1]
    if number in {1, 2} and last in branches:
        return "reductions_forgotten"
    if number in {1, 2} and any(
        re.fullmatch(rf"{last.split(':')[0]}:\d+ conv1x1:\d+", branch) for branch in branches
    ):
        return "reduction_after_convolution"
    if number == 3 and any(branch in {"maxpool3x3", "avgpool3x3"} for branch in branches):
        return "pool_projection_missing"
    if number == 3 and any(
        branch.startswith("conv1x1") and branch.endswith("pool3x3") for branch in branches
    ):
        return "pool_projection_first"
    return None


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


def chained_branches(architecture: Architecture, merge: Merge) -> bool:
    """Whether a branch of the concatenation begins at the end of another."""
    ends = {parent.id for parent in structure(architecture).form.parents(merge.node)}
    insides = [node.id for branch in merge.branches for node in branch[:-1] if branch]
    return bool(ends & set(insides))


def diagnose(error: CellError) -> str | None:
    """An error where the branches meet: they are added, their sizes disagree,
    or the axis is not the channels.
    """
    shapes = shapes_in(error)
    heights = sorted(shape[0] for shape in shapes)
    if len(shapes) < 2:
        return None
    if heights[0] == heights[-1]:
        return "add_instead_of_concatenate" if is_sum_error(error) else "concatenated_over_rows"
    return (
        "pool_branch_with_default_stride"
        if heights[-1] > 1.9 * heights[0]
        else "branch_without_padding"
    )


def asked(answers: Answers, case: str) -> tuple[Symbolic, Plan]:
    question = answers.questions[case]
    assert isinstance(question, Call)
    return question.args[0], Plan(*question.args[1:])
