"""What lies behind a failure of resampling probabilities: ids of hints.toml."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from autograder.judge import Case
from autograder.records import CellError

from ._equation import CLOSE, equation_4, given, normal, shares


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
