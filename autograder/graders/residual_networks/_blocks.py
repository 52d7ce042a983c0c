"""What is said of a block: the shape that it gives, and its one sum."""

from __future__ import annotations

from autograder.judge import Case
from autograder.judge.case import Mistake

from ._mistakes import no_sum_mistake


def expect_shape(case: Case, *sizes: int, mistake: Mistake = None) -> None:
    """Fail unless the output is of these sizes, the batch left out."""
    case.expect(f'output("{"x".join(map(str, sizes))}")', mistake=mistake)


def expect_sum(case: Case, claim: str, mistake: Mistake = None) -> None:
    """Fail unless there is one sum of two ways through the block, and it is as the claim says."""
    case.expect('residual(shortcut="any", ways=2, n=1)', mistake=no_sum_mistake)
    case.expect(f"residual({claim}, n=1)", mistake=mistake)
