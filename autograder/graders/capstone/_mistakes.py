"""What lies behind a failure: ids of hints.toml."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.architecture.blocks import (
    concatenations,
    doubled_merges,
    is_sum,
    joins_channels,
    sums,
)
from autograder.judge import Case
from autograder.judge.trained import SCALES, was_trained
from autograder.records import CellError

from ._equation import CLOSE, equation_4, given, normal, shares
from ._fairness import CLASSES, Hidden, Record, accuracies
from ._features import (
    features,
    frozen_base,
    held_still,
    is_parallel,
    learning,
    made,
    own,
    released,
)
from ._groups import GAPS, WORST, Samples, number, right_accuracy, same, samples, whole

# --- audit


def _of_all(labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray) -> dict[int, float]:
    hits = labels == predictions
    return {int(g): float(np.sum(hits[groups == g]) / len(labels)) for g in np.unique(groups)}


def _hits(labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray) -> dict[int, float]:
    return {int(g): float(np.sum((labels == predictions)[groups == g])) for g in np.unique(groups)}


def _overall(labels: np.ndarray, predictions: np.ndarray, groups: np.ndarray) -> dict[int, float]:
    return dict.fromkeys(map(int, np.unique(groups)), float(np.mean(labels == predictions)))


def _times(factor: float, shift: float = 0.0) -> Callable[..., dict[int, float]]:
    return lambda *given: {g: shift + factor * s for g, s in right_accuracy(*given).items()}


WRONG_ACCURACY: Mapping[str, Callable[..., dict[int, float]]] = {
    "share_of_all_samples": _of_all,
    "hits_not_shares": _hits,
    "overall_for_every_group": _overall,
    "accuracy_by_class": lambda labels, predictions, _: right_accuracy(labels, predictions, labels),
    "error_instead_of_accuracy": _times(-1.0, 1.0),
    "percent": _times(100.0),
}


def accuracy_mistake(case: Case, found: Any) -> str | None:
    """The known mistake behind a wrong `accuracy`."""
    if not isinstance(found, dict):
        return None
    if any(isinstance(key, str) for key in found):
        return "ids_as_text"
    for name, formula in WRONG_ACCURACY.items():
        if same(found, formula(*samples(case))):
            return name
    if ids_stay(case):
        return "groups_not_read"
    right = right_accuracy(*samples(case))
    keys = {key for key in found if isinstance(key, int)}
    counted = keys == set(range(len(keys))) and not keys <= set(right)
    return "ids_counted_from_zero" if counted else None


def ids_stay(case: Case) -> bool:
    """Whether the accuracies are of the same ids, whatever groups are asked about."""
    answers = [case.answers.outcome(name).value for name in ("typical", "other_ids")]
    found = [one.get("accuracy") if isinstance(one, dict) else None for one in answers]
    first, other = ([*map(str, one)] if isinstance(one, dict) else [] for one in found)
    return bool(first) and first == other


def worst_mistake(case: Case, found: Any) -> str | None:
    """The known mistake behind a wrong `worst_group`; what follows from wrong accuracies is none
    of its own.
    """
    right, group = right_accuracy(*samples(case)), whole(found)
    if not same(case.answers.value(case.name).get("accuracy"), right):
        return None
    if group in right and right[group] == min(right.values()):
        return "tie_by_order"
    given, asked = answers_of(case, "worst_group", WORST)
    if all(one == asked[name][2][0] for name, one in given.items()):
        return "group_of_the_first_sample"
    for mistake, formula in WRONG_WORST:
        wrong = {name: formula(right_accuracy(*one)) for name, one in asked.items()}
        if all(one is not None and abs(one - wrong[name]) < CLOSE for name, one in given.items()):
            return mistake
    return None


# of the groups' accuracies
WRONG_WORST: Sequence[tuple[str, Callable[[dict[int, float]], float]]] = (
    ("best_instead_of_worst", lambda shares: max(shares, key=lambda group: shares[group])),
    ("position_instead_of_id", lambda shares: int(np.argmin(list(shares.values())))),
    ("accuracy_instead_of_id", lambda shares: min(shares.values())),
)


def answers_of(
    case: Case, key: str, names: Sequence[str]
) -> tuple[dict[str, float | None], dict[str, Samples]]:
    """What the answers to some questions hold under a key, and what was asked: a single one may
    agree with several mistakes by chance.
    """
    values = {name: case.answers.outcome(name).value for name in names}
    found = {name: number(one.get(key)) for name, one in values.items() if isinstance(one, dict)}
    return found, {name: samples(replace(case, name=name)) for name in found}


# of the groups' accuracies and the overall one
WRONG_GAP: Sequence[tuple[str, Callable[[list[float], float], float]]] = (
    ("gap_negative", lambda shares, _: min(shares) - max(shares)),
    ("gap_to_the_mean", lambda shares, overall: overall - min(shares)),
    ("gap_to_the_mean", lambda shares, overall: max(shares) - overall),
    ("gap_to_the_mean", lambda shares, _: float(np.mean(shares)) - min(shares)),
    ("gap_of_two_groups", lambda shares, _: shares[0] - shares[-1]),
    ("gap_of_two_groups", lambda shares, _: shares[-1] - shares[0]),
    ("gap_of_two_groups", lambda shares, _: abs(shares[0] - shares[-1])),
    ("gap_of_two_groups", lambda shares, _: shares[0] - shares[min(1, len(shares) - 1)]),
    ("gap_of_two_groups", lambda shares, _: abs(shares[0] - shares[min(1, len(shares) - 1)])),
)


def gap_mistake(case: Case) -> str | None:
    """The known mistake that explains the gaps of all cases."""
    found, asked = answers_of(case, "gap", GAPS)
    for mistake, formula in WRONG_GAP:
        wrong = {name: _gap(formula, one) for name, one in asked.items()}
        if all(gap is not None and abs(gap - wrong[name]) < CLOSE for name, gap in found.items()):
            return mistake
    return None


def _gap(formula: Callable[[list[float], float], float], asked: Samples) -> float:
    labels, predictions, _ = asked
    return formula(list(right_accuracy(*asked).values()), float(np.mean(labels == predictions)))


def empty_mistake(case: Case) -> str | None:
    """Why there is no right answer for no samples, where there is one for some."""
    found, none = (case.answers.outcome(name).value for name in ("typical", case.name))
    if isinstance(none, dict) and none.get("accuracy") and ids_stay(case):
        return "groups_not_read"
    answers = isinstance(found, dict) and found.keys() >= {"accuracy", "worst_group", "gap"}
    return "no_samples" if answers else None


# --- resampling


def _factors(latent: np.ndarray, bins: int, alpha: float, density: bool = False) -> np.ndarray:
    return np.array([1 / (shares(column, bins, density) + alpha) for column in latent.T])


def _product(factors: np.ndarray) -> np.ndarray:
    return normal(factors.prod(axis=0))


def _joint(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    places = [
        np.clip(np.searchsorted(np.histogram_bin_edges(c, bins), c, side="right") - 1, 0, bins - 1)
        for c in latent.T
    ]
    _, inverse, counts = np.unique(
        np.column_stack(places), axis=0, return_inverse=True, return_counts=True
    )
    return normal(1 / (counts[inverse.ravel()] / len(latent) + alpha))


def _without_last(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    """The largest value of each dimension in a bin of its own."""
    found = [np.where(c == c.max(), 0.0, shares(c, bins)) for c in latent.T]
    return normal(np.prod([1 / (share + alpha) for share in found], axis=0))


def _common_edges(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    edges = np.histogram_bin_edges(latent, bins)
    return normal(np.prod([1 / (shares(c, bins, edges=edges) + alpha) for c in latent.T], axis=0))


def _as_in_the_lab(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    """The published code: densities, and of the dimensions the one that counts most."""
    dense = [normal(1 / (shares(c, bins, density=True) + alpha)) for c in latent.T]
    return normal(np.max(dense, axis=0))


def _edges_below(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    """A value on an edge in the bin below it."""
    found = []
    for column in latent.T:
        counts, edges = np.histogram(column, bins)
        place = np.clip(np.searchsorted(edges, column, side="left") - 1, 0, bins - 1)
        found.append(1 / (counts[place] / len(column) + alpha))
    return normal(np.prod(found, axis=0))


Rule = Callable[[np.ndarray, int, float], np.ndarray]
WRONG: Sequence[tuple[str, Rule]] = (
    ("not_normalised", lambda latent, bins, alpha: _factors(latent, bins, alpha).prod(axis=0)),
    ("frequent_gets_more", lambda latent, bins, alpha: _product(1 / _factors(latent, bins, alpha))),
    ("density_not_share", lambda z, bins, alpha: _product(_factors(z, bins, alpha, density=True))),
    ("counts_not_shares", lambda z, bins, alpha: _product(_factors(z, bins, alpha / len(z)))),
    ("alpha_left_out", lambda latent, bins, _: _product(_factors(latent, bins, 0.0))),
    (
        "alpha_outside_the_product",
        lambda z, bins, alpha: normal(1 / ((1 / _factors(z, bins, 0.0)).prod(axis=0) + alpha)),
    ),
    (
        "maximum_over_dimensions",
        lambda z, bins, alpha: normal(np.max([*map(normal, _factors(z, bins, alpha))], axis=0)),
    ),
    ("added_over_dimensions", lambda z, bins, alpha: normal(_factors(z, bins, alpha).sum(axis=0))),
    ("first_dimension_only", lambda z, bins, alpha: normal(_factors(z, bins, alpha)[0])),
    ("joint_histogram", _joint),
    ("largest_value_left_out", _without_last),
    ("common_edges", _common_edges),
    ("edges_in_the_bin_below", _edges_below),
    ("latent_ignored", lambda latent, _, __: normal(np.ones(len(latent)))),
    ("bins_ignored", lambda latent, _, alpha: equation_4(latent, 10, alpha)),
    ("alpha_ignored", lambda latent, bins, _: equation_4(latent, bins, 0.01)),
    ("maximum_over_dimensions", _as_in_the_lab),
)


def rule_mistake(case: Case) -> str | None:
    """The known mistake that gives just these numbers, and those for two dimensions as well: with
    many or a single one, several mistakes come to the same.
    """
    right, plain = equation_4(*given(case)), replace(case, name="dimensions")
    with np.errstate(all="ignore"):
        for known, rule in WRONG:
            shows = not np.allclose(rule(*given(case)), right, rtol=0, atol=CLOSE)
            if shows and _follows(case, rule) and _follows(plain, rule):
                return known
    return None


def _follows(case: Case, rule: Rule) -> bool:
    """Whether an answer's numbers are a rule's."""
    answer, wrong = case.answers.outcome(case.name), rule(*given(case))
    found = next(iter(answer.arrays().values())) if answer.outcome == "array" else np.zeros(0)
    return found.size == wrong.size and np.allclose(found.ravel(), wrong.ravel(), rtol=1e-4)


def constant_mistake(case: Case) -> str | None:
    """Whether the numbers are right but for a dimension in which all samples are alike."""
    if np.ptp(given(case)[0], axis=0).all():
        return None
    right = _follows(replace(case, name="dimensions"), equation_4)
    return "constant_dimension" if right else None


def refused_mistake(case: Case, error: CellError) -> str | None:
    """The known mistake behind an error: the bin after the last one is asked for."""
    bins = given(case)[1]
    beyond = rf"index {bins} is out of bounds for axis 0 with size {bins}$"
    return "largest_value_left_out" if re.search(beyond, error.message) else None


def shape_mistake(case: Case) -> str | None:
    """Why there is not one number for each sample."""
    plain = replace(case, name="dimensions")
    answer, (n, d) = plain.answers.outcome(plain.name), given(plain)[0].shape
    shape = plain.answers.array(plain.name).shape if answer.outcome == "array" else ()
    known = {
        (n, d): "one_column_a_dimension",
        (n * d,): "columns_in_one_list",
        (n, 1): "an_axis_too_many",
    }
    return known.get(shape)


def precision_mistake(case: Case) -> str | None:
    """Why the numbers are no float64."""
    found = case.answers.array(case.name).dtype
    return "single_precision" if found in {np.dtype("float32"), np.dtype("float16")} else None


def rounding_mistake(case: Case) -> str | None:
    """Whether numbers of a shorter type are right but for its rounding."""
    found, right = case.answers.array(case.name), equation_4(*given(case))
    near = found.size == right.size and np.allclose(found.ravel(), right, rtol=5e-3, atol=0)
    return precision_mistake(case) if near else None


# --- design


def features_mistake(case: Case) -> str | None:
    """A known mistake in the place of a feature: first what stands in the graph,
    then what was made and left out.
    """
    silent = [node.cls for node in case.architecture.nodes if node.kind == "identity"]
    finders = (base_mistake, sum_mistake, separable_mistake, branch_mistake, augmentation_mistake)
    known = [mistake for finder in finders if (mistake := finder(case))]
    there = {"residual"} if any(map(is_sum, own(case))) else set()
    if any(cls.startswith("Random") for cls in silent) and not features(case)["augmentation"]:
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
    late = not features(case)["augmentation"] and any(n.kind == "augment" for n in own(case))
    return "augmentation_after_convolution" if late else None


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
    if max(found.values()) >= 1 / CLASSES + 0.08:
        return "frequent_group_neglected" if found["dark"] > found["bright"] else None
    best = max(accuracies(case, hidden, calibration, *to)["overall"] for to in SCALES)
    if best >= calibration["overall"]:
        return "scaled_outside"
    return "learnt_nothing" if was_trained(case) else "untrained"


def group_mistake(measured: Mapping[str, float]) -> str:
    """Why one group lags behind."""
    rare = measured["dark"] < measured["bright"]
    return "rare_group_neglected" if rare else "frequent_group_neglected"
