"""What lies behind a failure of an Inception module or a separable block: ids of hints.toml."""

from __future__ import annotations

from autograder.architecture.blocks import concatenations
from autograder.architecture.merges import merges
from autograder.judge import Case
from autograder.records import CellError

from ._mistakes import body_is_larger, is_alone, is_sum_error, shapes_in
from ._widths import widths


def module_mistake(case: Case) -> str | None:
    """Why branches are not concatenated over channels."""
    if case.says('inception(branches="2+")'):
        return None
    if case.says('count("concat")'):
        return "concatenated_over_rows"
    if case.says('count("add")'):
        return "add_instead_of_concatenate"
    return None if merges(case.architecture) else "branches_chained"


def branches_mistake(case: Case) -> str | None:
    """Why there are not four branches from the input to the concatenation."""
    if known := module_mistake(case):
        return known
    joined = concatenations(case.architecture)
    if any(merge.chained or not all(merge.branches) for merge in joined):
        return "branches_chained"
    return "branch_missing" if joined and not case.says('inception(branches="4+")') else None


def reduction_3x3_mistake(case: Case) -> str | None:
    """Why no branch is a reduction, then a 3×3 convolution."""
    return module_mistake(case) or _reduction_mistake(case, "conv3x3/1")


def reduction_5x5_mistake(case: Case) -> str | None:
    """Why no branch is a reduction, then a 5×5 convolution."""
    return module_mistake(case) or _reduction_mistake(case, "conv5x5/1")


def pooling_branch_mistake(case: Case) -> str | None:
    """Why no branch is a pooling, then a projection."""
    if known := module_mistake(case):
        return known
    if case.says('inception(has=["pool3x3/1"])'):
        return "pool_projection_missing"
    if case.says('inception(has=["conv1x1 pool3x3"])'):
        return "pool_projection_first"
    unread = case.says('inception(branches=4) and count("pool") == 0')
    return "pooling_left_out" if unread else None


def kernels_mistake(case: Case) -> str | None:
    """Why a module has not the right number of parameters."""
    bare = any(case.says(f'inception(has=["conv{size}/1"])') for size in ("3x3", "5x5"))
    many = case.says(f"kernels > {2 * widths(case).kernels}")
    return "reductions_forgotten" if bare and many else None


def module_error(error: CellError, _: Case) -> str | None:
    """What is behind an error where branches meet: they are added, their sizes disagree, or the
    axis is not the channels.
    """
    shapes = shapes_in(error)
    heights = sorted(shape[0] for shape in shapes)
    if len(heights) < 2:
        return None
    if len({shape[:2] for shape in shapes}) == 1:
        return "add_instead_of_concatenate" if is_sum_error(error) else "concatenated_over_rows"
    much = heights[-1] > 1.9 * heights[0]
    return "pool_branch_with_default_stride" if much else "branch_without_padding"


def _reduction_mistake(case: Case, word: str) -> str | None:
    if case.says(f'inception(has=["{word}"])'):
        return "reductions_forgotten"
    if case.says(f'inception(has=["{word} conv1x1"])'):
        return "reduction_after_convolution"
    small = case.says(f'inception(has=["conv1x1 {word}"])')
    large = case.says(f'inception(has=["conv {word}"])') and not small
    return "reduction_too_large" if large else None


# --- separable_block


def separable_mistake(case: Case) -> str | None:
    """What stands in the place of separable convolutions."""
    _, filters = case.args
    if case.says(f'count("dwconv{filters}x{filters}")'):
        return "depthwise_filters_as_kernel"
    if case.says('contains("dwconv (dwconv|pool|add)")'):
        return "depthwise_without_pointwise"
    if case.says('count("conv3x3")'):
        return "plain_convolution_instead_of_separable"
    return "convolution_left_out" if is_alone(case) else None


def order_mistake(case: Case) -> str | None:
    """Why batch norm and ReLU do not come before each convolution."""
    early = case.says('path("relu bn .*")')  # both before the convolution, in another order
    late = 'path("sepconv .* bn .*") or contains("sepconv relu (bn|maxpool|add)")'
    if not early and case.says(late):
        return "activation_after_convolution"
    return "convolution_left_out" if is_alone(case) else None


def pooling_mistake(case: Case) -> str | None:
    """Why no pooling halves the body."""
    other = case.says('residual(body=".* maxpool/2 .*", shortcut="any")')
    return None if other else "pooling_missing"


def separable_error(error: CellError, _case: Case) -> str | None:
    """What is behind an error about the sum: the pooling rounds down, or is missing, or the
    shortcut lacks its stride.
    """
    shapes = shapes_in(error)[-2:]
    if len(shapes) < 2:
        return None
    (height, __, channels), (other, __, others) = shapes
    if channels != others:
        return None
    if abs(height - other) == 1:
        return "pooling_valid_against_same"
    if max(height, other) < 1.5 * min(height, other):
        return "valid_padding_in_body"
    return "pooling_missing" if body_is_larger(error) else "projection_without_stride"
