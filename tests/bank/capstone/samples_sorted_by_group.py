"""Samples sorted by group and cut where it changes; edges by linspace, counts by bincount.
---
assignment = "capstone"
---
"""
# %% audit
import numpy as np


def audit(labels, predictions, groups):
    order = np.argsort(groups, kind="stable")
    ids, starts = np.unique(groups[order], return_index=True)
    right = (labels == predictions)[order]
    parts = np.split(right, starts[1:]) if len(ids) else []
    accuracy = {int(i): float(part.sum()) / len(part) for i, part in zip(ids, parts)}
    best, worst = max(accuracy.values(), default=0.0), min(accuracy.values(), default=0.0)
    return {
        "accuracy": accuracy,
        "worst_group": next((i for i, share in accuracy.items() if share == worst), None),
        "gap": best - worst,
    }


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    weights = np.ones(len(latent))
    for column in latent.T:
        low, high = column.min(), column.max()
        if low == high:
            low, high = low - 0.5, high + 0.5
        edges = np.linspace(low, high, bins + 1)
        place = np.minimum(np.digitize(column, edges), bins) - 1
        weights = weights / (np.bincount(place, minlength=bins)[place] / len(latent) + alpha)
    return weights / weights.sum()
