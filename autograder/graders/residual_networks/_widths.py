"""The numbers of filters that an inception module is asked for."""

from __future__ import annotations

from typing import NamedTuple

from autograder.judge import Case


class Widths(NamedTuple):
    """The arguments of `inception_module`, in their order."""

    into: int  # channels of the tensor that the module is given
    f1: int
    f3_reduce: int
    f3: int
    f5_reduce: int
    f5: int
    pool_proj: int

    @property
    def channels(self) -> int:
        """Channels of the output."""
        return self.f1 + self.f3 + self.f5 + self.pool_proj

    @property
    def kernels(self) -> int:
        """Parameters in kernels."""
        ones = self.f1 + self.f3_reduce + self.f5_reduce + self.pool_proj
        return self.into * ones + 9 * self.f3_reduce * self.f3 + 25 * self.f5_reduce * self.f5

    @property
    def branches(self) -> dict[str, str]:
        """What each branch is, in words."""
        return {
            "1x1": f"conv1x1/1:{self.f1}",
            "3x3": f"conv1x1/1:{self.f3_reduce} conv3x3/1:{self.f3}",
            "5x5": f"conv1x1/1:{self.f5_reduce} conv5x5/1:{self.f5}",
            "pooling": f"maxpool3x3/1 conv1x1/1:{self.pool_proj}",
        }


def widths(case: Case) -> Widths:
    """What a module was asked for."""
    tensor, *filters = case.args
    return Widths(tensor.shape[-1], *filters)
