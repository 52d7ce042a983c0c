"""What lies behind a failure: ids of hints.toml."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from autograder.architecture import Node, canonical
from autograder.architecture.blocks import (
    ResidualBlock,
    doubled_merges,
    sums,
)
from autograder.architecture.facts import batch_norms, heads, preparations
from autograder.architecture.kinds import CONVOLUTIONS, POOLS
from autograder.architecture.layers import is_1x1
from autograder.judge import Case
from autograder.judge.structure import words
from autograder.judge.trained import SCALES, loss_fits, steps_of, was_trained
from autograder.records import CellError

from ._formulas import WRONG_SAME, WRONG_VALID, Formulas, keras_size
from ._resnet import Plan, ends_of, plan_of, shortcuts_of, sizes_of
from ._scenes import CLASSES, Hidden, Record, accuracy

ENOUGH = 100  # steps of training after which whoever can learn has learnt something

# --- errors about shapes


def shapes_in(error: CellError) -> list[tuple[int, ...]]:
    """The feature maps (height, width, channels) that Keras' message about shapes speaks of,
    in its order.
    """
    found = re.findall(r"[(\[]((?:None, )?\d+(?:, \d+){2})[)\]]", error.message)
    return [
        tuple(int(number) for number in text.removeprefix("None, ").split(", ")) for text in found
    ]


def is_sum_error(error: CellError) -> bool:
    """Whether an error about shapes comes from an addition, not from a concatenation."""
    return "incompatible shapes" in error.message or "broadcast" in error.message


def body_is_larger(error: CellError) -> bool:
    """Whether an error about a sum is explained by a shortcut that is smaller than the body."""
    return "is the shortcut and has fewer pixels" in (error.explanation or "")


def sum_error(error: CellError, size: int, stride: int) -> str | None:
    """What is behind an error about the two sides of a sum, in a block that was given `size` rows
    and a stride.
    """
    shapes = shapes_in(error)
    if len(shapes) < 2:
        return None
    (height, _, channels), (other, _, others) = shapes[-2:]
    right = -(-size // stride)
    if channels != others:
        return "projection_missing"
    if right not in {height, other}:
        return "valid_padding_in_body"
    wrong = other if height == right else height
    if wrong == size:
        return "stride_missing_in_body" if body_is_larger(error) else "projection_without_stride"
    if wrong == -(-right // stride) and "padding='valid'" not in (error.explanation or ""):
        return "stride_in_both_convolutions"
    return "shortcut_rounds_down_for_odd_sizes" if right - wrong == 1 else "valid_padding_in_body"


# --- conv_arithmetic


def formula_mistake(case: Case, wrong: Formulas) -> str | None:
    """The wrong formula that gives just these values."""
    given, calls = case.answers.values(case.name), case.answers.cases(case.name)
    fractions = any(isinstance(value, float) and not value.is_integer() for value in given)
    if fractions and wrong in (WRONG_SAME, WRONG_VALID):
        return "size_not_whole"
    if wrong is WRONG_SAME and is_right_for_odd_kernels(given, calls):
        return "same_for_odd_kernels_only"
    fits = (known for known, rule in wrong.items() if [rule(*call) for call in calls] == given)
    return next(fits, None)


def is_right_for_odd_kernels(given: Sequence[float], calls: Sequence[Sequence[Any]]) -> bool:
    """Whether sizes are those that Keras gives wherever the kernel has a middle."""
    odd = [(call, size) for call, size in zip(calls, given, strict=True) if call[1] % 2]
    return all(keras_size(*call) == size for call, size in odd)


# --- sums, and residual_block


def no_sum_mistake(case: Case) -> str | None:
    """Why there is not one sum of two ways through a block."""
    if case.says('residual(shortcut="any")'):
        return again_mistake(case)
    if any(node.kind == "add" for node in doubled_merges(case.architecture)):
        return "adds_tensor_to_itself"
    return "concatenate_instead_of_add" if case.says('count("concat")') else "no_addition"


def identity_mistake(case: Case) -> str | None:
    """Why the shortcut is not the block's input itself."""
    if case.says('residual(shortcut="identity")'):
        return "shortcut_leaves_inside_body"
    return "projection_on_every_block" if case.says('residual(shortcut="projection")') else None


def projection_mistake(case: Case) -> str | None:
    """Why the shortcut is no 1×1 convolution to the body's shape."""
    if case.says('residual(shortcut="stretched")'):
        return "broadcast_add"
    if any(node.kind in POOLS for node in _the_sum(case).skip):
        return "pooled_shortcut"
    if case.says('residual(shortcut="projection")'):
        return "shortcut_leaves_inside_body"
    if is_activated_projection(_the_sum(case)):
        return "projection_activated"
    return "projection_with_3x3" if words(_the_sum(case).skip).startswith("conv3x3") else None


def is_activated_projection(block: ResidualBlock) -> bool:
    """Whether the shortcut is one 1×1 convolution with an activation of its own."""
    kinds = [node.kind for node in block.skip]
    others = set(kinds) <= {"conv", "bn", "act"}
    one = others and kinds.count("conv") == 1 and "act" in kinds
    return one and any(map(is_1x1, block.skip))


def is_alone(case: Case) -> bool:
    """Whether a body has one convolution only."""
    return [node.kind in CONVOLUTIONS for node in _the_sum(case).body].count(True) == 1


def body_mistake(case: Case) -> str | None:
    """What is wrong with the order of a body's layers."""
    kinds = [node.kind for node in _the_sum(case).body]
    if is_alone(case):
        from_input = case.says('residual(shortcut="any", start="input")')
        return "convolution_left_out" if from_input else "shortcut_leaves_inside_body"
    if kinds[-1] == "act":
        return "relu_before_the_addition"
    if case.says('residual(body=".* conv act+ bn .*", shortcut="any")'):
        return "batch_norm_after_activation"
    if kinds.count("bn") < kinds.count("conv"):
        return "batch_norm_missing"
    return "relu_forgotten" if kinds.count("conv") > 1 and "act" not in kinds else None


def stride_mistake(case: Case) -> str | None:
    """Why not the first convolution of the body, and it alone, moves with the stride."""
    if case.says('residual(body="conv/1 conv/2", shortcut="any")'):
        return "stride_in_second_convolution"
    both = case.says('residual(body="conv/2 conv/2", shortcut="any")')
    return "stride_in_both_convolutions" if both else None


def norm_mistake(case: Case) -> str | None:
    """Why a body has too few batch norms: it may lack the convolution before one."""
    kinds = [node.kind for node in _the_sum(case).body]
    return "batch_norm_missing" if kinds.count("conv") > 1 else body_mistake(case)


def relu_mistake(case: Case) -> str:
    """Why no ReLU comes after the sum."""
    if known := again_mistake(case):
        return known
    early = _the_sum(case).body[-1].kind == "act"
    return "relu_before_the_addition" if early else "no_relu_after_the_addition"


def again_mistake(case: Case) -> str | None:
    """Why a sum gives more than the body and the shortcut, or something else: it is given one
    tensor only, or something twice, at once or by way of another sum.
    """
    doubled = any(node.kind == "add" for node in doubled_merges(case.architecture))
    if not case.says('residual(shortcut="any")'):
        return "adds_tensor_to_itself" if doubled else None
    if doubled:
        return "added_twice_at_once"
    return "shortcut_added_twice" if is_added_again(case) else None


def is_added_again(case: Case) -> bool:
    """Whether a sum is given what went into another sum that it is given, too."""
    form = canonical(case.architecture)
    every = [node for node in form.nodes if node.kind == "add"]
    return any(
        parent in every and not set(parent.inputs).isdisjoint(node.inputs)
        for node in every
        for parent in form.parents(node)
    )


def block_error(error: CellError, case: Case) -> str | None:
    """What is behind an error while a block is built."""
    tensor, _ = case.args
    mistake = sum_error(error, tensor.shape[0], case.kwargs.get("strides", 1))
    if mistake != "projection_without_stride":
        return mistake
    wider = case.answers.outcome("halved_wider")
    if wider.outcome == "model":  # so the projection strides where it is made
        return "projection_only_for_channels"
    there = shapes_in(wider.error)[-2:] if wider.error else []
    bare = len(there) == 2 and there[0][-1] != there[1][-1]
    return "projection_missing" if bare else mistake


def _the_sum(case: Case) -> ResidualBlock:
    return sums(case.architecture)[-1]


# --- residual_network


def arguments_mistake(case: Case) -> str | None:
    """Whether a network that was asked for by other arguments is the default one."""
    plan, widths = plan_of(case), [node.channels for node in ends_of(case)]
    default = Plan(plan.shape, plan.classes).widths
    return "arguments_ignored" if widths == default != plan.widths else inside_mistake(case)


def inside_mistake(case: Case) -> str | None:
    """What is wrong with the blocks themselves, out of which a network is built."""
    blocks = sums(case.architecture)
    if not blocks and not case.says('count("add|concat")'):
        return "no_residual_connection"
    if any(map(is_activated_projection, blocks)):
        return "projection_activated"
    widths = plan_of(case).widths
    if len(widths) > 1 and [block.node.channels for block in blocks] == widths[-1:]:
        return "blocks_left_behind"
    bodies = [[node.kind for node in block.body] for block in blocks]
    if bodies and all(kinds.count("conv") == 1 for kinds in bodies):
        return "shortcut_leaves_inside_body" if begin_inside(case) else "convolution_left_out"
    return again_mistake(case)


def begin_inside(case: Case) -> bool:
    """Whether no block begins with what the one before it gave."""
    form, blocks = canonical(case.architecture), sums(case.architecture)
    ends = {block.node.id for block in blocks}
    starts = [{block.fork.id, *(n.id for n in form.parents(block.fork))} for block in blocks[1:]]
    return bool(starts) and not any(start & ends for start in starts)


def shortcuts_mistake(case: Case) -> str | None:
    """Why not just the first block of each later stage has a projection."""
    shortcuts = shortcuts_of(case)
    every = len(shortcuts) > 1 and "identity" not in shortcuts
    return "projection_on_every_block" if every else inside_mistake(case)


def resolution_mistake(case: Case) -> str | None:
    """Why the blocks give maps of other sizes."""
    plan, sizes = plan_of(case), sizes_of(ends_of(case))
    if len(sizes) > 1 == len(set(sizes)) < len(set(plan.sizes)):
        return "stages_keep_the_resolution"
    steps = [*zip(pairwise(sizes), plan.shortcuts[1:], strict=False)]
    inside = [one != other for (one, other), shortcut in steps if shortcut == "identity"]
    if len(sizes) == len(plan.sizes) and any(inside):
        return "every_block_halves"
    height, wide = case.architecture.node(case.architecture.inputs[0]).size or (0, 0)
    halved = (-(-(height or 0) // 2), -(-(wide or 0) // 2))
    return "first_stage_halves" if sizes[:1] == [halved] else inside_mistake(case)


def halving_mistake(case: Case) -> str | None:
    """Why the blocks are given maps of other sizes."""
    return "halved_between_stages" if case.says('count("pool")') else None


def rescaling_mistake(case: Case) -> str:
    """Why nothing rescales pixels before the first convolution."""
    if idle(case, "Rescaling"):
        return "rescaling_by_one"
    found = [one for one in preparations(case.architecture) if one.node.kind == "rescale"]
    return "rescaling_late" if found else "rescaling_missing"


def idle(case: Case, *classes: str) -> list[Node]:
    """The layers of classes that begin so, and are set so that they leave everything as it is."""
    nodes = case.architecture.nodes
    return [node for node in nodes if node.kind == "identity" and node.cls.startswith(classes)]


def map_mistake(case: Case) -> str | None:
    """Why the output is no vector for each image."""
    return "dense_on_feature_map" if case.says("head(rank=4)") else None


def ending_mistake(case: Case) -> str | None:
    """Why no global average pooling leads to the classifier."""
    flat = case.says('count("flatten")')
    return map_mistake(case) or ("flatten_instead_of_pooling" if flat else None)


def norms_mistake(case: Case) -> str | None:
    """Why not each convolution has a batch norm of its own."""
    if any(not norm.channels_last for norm in batch_norms(case.architecture)):
        return "batch_norm_over_rows"
    nodes = canonical(case.architecture).nodes
    convolutions = [node for node in nodes if node.kind == "conv" and not is_1x1(node)]
    few = len(batch_norms(case.architecture)) < len(convolutions)
    return "batch_norm_missing" if few else None


# --- train_classifier


def accuracy_mistake(case: Case, hidden: Hidden, calibration: Record) -> str | None:
    """Why a model is too often wrong: it expects scaled pixels, or it has learnt nothing, although
    it could have.
    """
    found, asked = accuracy(case, hidden, calibration), calibration["pass"]
    if found >= asked:
        return None
    best = max(accuracy(case, hidden, calibration, *how) for how in SCALES)
    if best >= asked:
        return "scaled_outside"
    if max(found, best) >= 1 / CLASSES + 0.08:
        return None
    if not was_trained(case):
        return "untrained"
    if not case.says('count("conv|sepconv|dwconv")'):
        return "no_convolution"
    able = loss_fits(case.architecture) and steps_of(case) >= ENOUGH
    return "labels_astray" if able else "learnt_nothing"


# --- mini_xception


def output_mistake(case: Case) -> str:
    """Why the numbers for the classes are no probabilities."""
    over = heads(case.architecture)[0].activation.startswith("softmax over")
    return "softmax_over_another_axis" if over else "output_not_softmax"


def augmentation_mistake(case: Case) -> str:
    """Why no augmentation comes before the first convolution."""
    if case.says('count("augment")'):
        return "augmentation_after_convolution"
    still = idle(case, "Random", "GaussianNoise")
    return "augmentation_of_nothing" if still else "augmentation_missing"


def first_mistake(word: str) -> str | None:
    """Why the first layer with weights is no plain convolution."""
    return "separable_on_rgb" if word.startswith(("sepconv", "dwconv")) else None


def blocks_mistake(case: Case) -> str | None:
    """Why there are too few residual blocks with separable convolutions."""
    if not case.says("residual()"):
        return "no_residual_connection"
    some = case.says('residual(body=".* dwconv conv1x1 .*")')
    return None if some else "plain_convolution_instead_of_separable"


def head_mistake(case: Case) -> str | None:
    """Why pooling, dropout and a dense layer do not end the network."""
    if case.says('contains("flatten dense")') and not case.says('count("gap")'):
        return "flatten_instead_of_pooling"
    if idle(case, "Dropout"):
        return "dropout_of_nothing"
    if case.says('contains("gap .* (dense|conv1x1) .* dropout")'):
        return "dropout_after_dense"
    dropped = case.says('contains("gap .* dropout .* (dense|conv1x1)")')
    if case.says('contains("gap (dense|conv1x1)")') and not dropped:
        return "dropout_missing"
    return "dense_on_feature_map" if case.says("head(rank=4)") else None
