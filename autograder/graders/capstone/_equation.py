"""Equation 4 of Amini et al. 2019: probabilities that even out a latent space."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from autograder.judge import Case

CLOSE = 1e-6


def equation_4(latent: np.ndarray, bins: int, alpha: float) -> np.ndarray:
    """The rule itself, in logarithms."""
    logs = -np.sum([np.log(shares(column, bins) + alpha) for column in latent.T], axis=0)
    return normal(np.exp(logs - logs.max()))


def shares(
    column: np.ndarray, bins: int, density: bool = False, edges: np.ndarray | None = None
) -> np.ndarray:
    """For each sample the share of samples in its bin."""
    counts, edges = np.histogram(column, bins if edges is None else edges, density=density)
    place = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, len(counts) - 1)
    found: np.ndarray = counts[place] / (1 if density else len(column))
    return found


def normal(weights: np.ndarray) -> np.ndarray:
    """The weights, divided by their sum."""
    probabilities: np.ndarray = weights / weights.sum()
    return probabilities


def given(case: Case) -> tuple[np.ndarray, int, float]:
    """What the answer is about: a latent space, bins and alpha."""
    settings = case.given["settings"]
    latent = np.array(case.given["latent"])
    return latent, settings.get("bins", 10), settings.get("alpha", 0.01)


def rarer_gets_more(case: Case, found: np.ndarray) -> float:
    """In one dimension, how much more a sample gets at least than one in the next fuller bin."""
    (column,), bins = given(case)[0].T, given(case)[1]
    share = shares(column, bins)
    pairs = pairwise(np.unique(share))
    gains = [found[share == rare].min() - found[share == full].max() for rare, full in pairs]
    return float(min(gains, default=0.0))
