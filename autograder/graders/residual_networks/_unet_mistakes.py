"""What lies behind a failure of the U-Net: ids of hints.toml."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from autograder.architecture import canonical
from autograder.architecture.blocks import joins_channels
from autograder.judge import Case
from autograder.records import CellError

from ._mistakes import is_sum_error, shapes_in


def size_mistake(case: Case) -> str | None:
    """Why the output is not as large as the image."""
    sides, read = case.args[0][:2], case.architecture
    size = read.node(read.outputs[0]).size or (None,)
    if any(side % 2 ** depth_of(case) for side in sides):
        return "unet_odd_sizes_not_handled"
    return "output_smaller" if None not in size and size < sides else None


def skips_mistake(case: Case) -> str | None:
    """Why there are not as many skips as levels."""
    depth, nodes = depth_of(case), canonical(case.architecture).nodes
    if any(node.kind == "concat" and not joins_channels(node) for node in nodes):
        return "concatenated_over_rows"
    if case.says('contains("down concat")'):
        return "unet_skip_after_pooling"
    if case.says(f'unet(skips="{depth}+", merge="add", partner="any")'):
        return "unet_skips_added"
    if case.says(f'unet(skips="{depth}+", partner="any")'):
        return None  # there are too many
    if case.says(f'count("concat") >= {depth}'):
        resized = case.says('contains("resize .* concat")')
        return "unet_skips_in_encoder_order" if resized else "unet_skips_from_decoder"
    return None if case.says('count("concat")') else "unet_without_skips"


def mask_mistake(wanted: str, found: str, channels: int | None) -> str | None:
    """Why the output has not the right activation."""
    if found.startswith("softmax over"):
        return "softmax_over_another_axis"
    if found not in {"softmax", "sigmoid"}:
        return "mask_activation_missing" if found == "no activation" else None
    if wanted == "softmax":
        return "sigmoid_many_classes"
    return "softmax_over_one_channel" if channels == 1 else None


def unet_widths_mistake(found: Sequence[int | None], wanted: Sequence[int]) -> str | None:
    """Why the levels, from the lowest up, have other widths."""
    if len(found) != len(wanted):
        return None
    doubled = all(low == 2 * (high or 0) for low, high in pairwise(found))
    return "unet_base_filters_ignored" if doubled else "unet_filters_do_not_double"


def unet_error(error: CellError, case: Case) -> str | None:
    """What is behind an error: a refusal, or where a skip ends it is added, joined over rows, or
    one side is larger than the other, and how much.
    """
    if re.search("zero or negative.*kernel.shape", error.message):
        return "unet_valid_convolutions"
    shapes = shapes_in(error)[-2:]
    if len(shapes) < 2:
        return "unet_refuses_what_fits" if is_refusal(error, case) else None
    if shapes[0][:2] == shapes[1][:2]:
        return "unet_skips_added" if is_sum_error(error) else "concatenated_over_rows"
    heights = [shape[0] for shape in shapes]
    ratio = max(heights) / min(heights)
    # the first tensor saved is as large as the image; the others have been halved
    first = ratio == 2 and max(heights) == case.args[0][0] and depth_of(case) > 1
    if ratio in {4, 16, 64} or first:
        return "unet_skips_in_encoder_order"
    return "unet_skip_after_pooling" if ratio == 2 else "unet_valid_convolutions"


def is_refusal(error: CellError, case: Case) -> bool:
    """Whether an error is the student's own, about a size that can be halved often enough."""
    words = re.search(r"divi|multiple|power", error.message, re.IGNORECASE)
    fits = not any(side % 2 ** depth_of(case) for side in case.args[0][:2])
    return error.type == "ValueError" and not error.explanation and bool(words) and fits


def depth_of(case: Case) -> int:
    """How many levels the network should have."""
    return int(case.kwargs.get("depth", 3))
