"""The best group is called the worst; the maximum over the dimensions, each normalised, as in a well-known exercise.
---
assignment = "capstone"
[score]
audit = [0.6, 0.8]
resampling = [0.5, 0.85]
[misconception]
audit = "best_instead_of_worst"
resampling = "maximum_over_dimensions"
---
"""
# %% audit
import numpy as np


def audit(labels, predictions, groups):
    right = labels == predictions
    ids = np.unique(groups)
    accuracy = {int(g): float(right[groups == g].mean()) for g in ids}
    if not accuracy:
        return {"accuracy": {}, "worst_group": None, "gap": 0.0}
    values = list(accuracy.values())
    worst = int(ids[np.argmax(values)])
    return {"accuracy": accuracy, "worst_group": worst, "gap": max(values) - min(values)}


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    n = len(latent)
    factors = []
    for column in latent.T:
        counts, edges = np.histogram(column, bins)
        place = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, bins - 1)
        share = counts[place] / n
        factor = 1 / (share + alpha)
        factors.append(factor / factor.sum())
    weights = np.max(factors, axis=0)
    return weights / weights.sum()
