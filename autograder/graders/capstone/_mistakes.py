"""What lies behind a failure: ids of hints.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping

from autograder.architecture.blocks import (
    concatenations,
    doubled_merges,
    is_sum,
    joins_channels,
    sums,
)
from autograder.judge import Case
from autograder.judge.trained import SCALES, was_trained

from ._fairness import CLASSES, Hidden, Record, accuracies
from ._features import (
    augmenting,
    features,
    frozen_base,
    held_still,
    is_parallel,
    learning,
    made,
    own,
    released,
)

CHANCE = 0.03  # of a difference between two accuracies, on hundreds of scenes each

# --- design


def features_mistake(case: Case) -> str | None:
    """A known mistake in the place of a feature: first what stands in the graph,
    then what was made and left out.
    """
    finders = (base_mistake, sum_mistake, separable_mistake, branch_mistake, augmentation_mistake)
    known = [mistake for finder in finders if (mistake := finder(case))]
    there = {"residual"} if any(map(is_sum, own(case))) else set()
    if is_idle(case) and not features(case)["augmentation"]:
        known, there = [*known, "augmentation_of_nothing"], there | {"augmentation"}
    left_out = [name for name in made(case) if not features(case)[name] and name not in there]
    unused = [f"{name}_not_connected" for name in left_out]
    return next(iter([*known, *unused]), None)


def base_mistake(case: Case) -> str | None:
    """What is wrong with a pretrained base."""
    still, ours = held_still(case), [n for n in learning(case) if n.name in released()]
    if frozen_base(case):
        return None
    if len(ours) >= 2 and len(still) < 2:
        return "base_not_frozen"
    return "frozen_base_without_weights" if len(still) >= 2 else None


def sum_mistake(case: Case) -> str | None:
    """What is wrong with sums."""
    added = [node for node in own(case) if is_sum(node)]
    if features(case)["residual"] or not added:
        return None
    if any(node in added for node in doubled_merges(case.architecture)):
        return "adds_tensor_to_itself"
    blocks = [block for block in sums(case.architecture) if block.node in added]
    beside = bool(blocks) and all(block.shortcut == "other" for block in blocks)
    return "nothing_goes_around" if beside else None


def separable_mistake(case: Case) -> str | None:
    """What is wrong with depthwise convolutions."""
    alone = not features(case)["separable"] and any(node.kind == "dwconv" for node in own(case))
    return "depthwise_without_pointwise" if alone else None


def branch_mistake(case: Case) -> str | None:
    """What is wrong with concatenations of three branches."""
    here = {node.id for node in own(case)}
    wide = [m for m in concatenations(case.architecture) if m.node.id in here and m.branches[2:]]
    if features(case)["inception"]:
        return None
    if not all(is_parallel(merge) for merge in wide):
        return "branches_chained"
    return None if all(joins_channels(m.node) for m in wide) else "concatenated_over_rows"


def augmentation_mistake(case: Case) -> str | None:
    """What is wrong with augmentation."""
    late = not augmenting(case) and any(n.kind == "augment" for n in own(case))
    return "augmentation_after_convolution" if late else None


def is_idle(case: Case) -> bool:
    """Whether there are layers of augmentation that change nothing, or nothing at random."""
    nodes = case.architecture.nodes
    still = [node.cls for node in nodes if node.kind == "identity"]
    return bool(augmenting(case)) or any(re.match("Random|GaussianNoise", cls) for cls in still)


def budget_mistake(case: Case) -> str:
    """Why too much trains."""
    if base_mistake(case) == "base_not_frozen":
        return "base_not_frozen"
    return "flatten_before_dense" if case.says('contains("flatten dense")') else "over_the_budget"


def output_mistake(case: Case) -> str | None:
    """Why the model does not give one vector an image."""
    return "dense_on_feature_map" if case.says("head(rank=4)") else None


def classes_mistake(case: Case) -> str | None:
    """Why that vector has not one number for each class that was asked for."""
    six = case.args[1] != 6 and case.says("head(units=6)")
    return output_mistake(case) or ("settings_hard_coded" if six else None)


def activation_mistake(case: Case) -> str | None:
    """Why the numbers of that vector are no probabilities."""
    if case.says('head(activation="linear")'):
        return "softmax_missing"
    return "sigmoid_for_classes" if case.says('head(activation="sigmoid")') else None


# --- fair_model


def overall_mistake(case: Case, hidden: Hidden, calibration: Record) -> str | None:
    """Why a model fails on all scenes together: it expects scaled pixels,
    or it has learnt nothing.
    """
    found = accuracies(case, hidden, calibration)
    best = max(accuracies(case, hidden, calibration, *to)["overall"] for to in SCALES)
    if best >= calibration["overall"]:
        return "scaled_outside"
    if max(found.values()) >= 1 / CLASSES + 0.08:
        known = group_mistake(found)
        return known if known == "frequent_group_neglected" else None
    return "learnt_nothing" if was_trained(case) else "untrained"


def group_mistake(measured: Mapping[str, float]) -> str | None:
    """Why one group lags behind; small differences are chance."""
    ahead = measured["bright"] - measured["dark"]
    if abs(ahead) < CHANCE:
        return None
    return "rare_group_neglected" if ahead > 0 else "frequent_group_neglected"
