"""The place of the worst group instead of its id; ten bins whatever the argument says.
---
assignment = "capstone"
[score]
audit = [0.6, 0.8]
resampling = [0.6, 0.9]
[misconception]
audit = "position_instead_of_id"
resampling = "bins_ignored"
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
    worst = int(np.argmin(values))
    return {"accuracy": accuracy, "worst_group": worst, "gap": max(values) - min(values)}


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    n, bins = len(latent), 10
    factors = []
    for column in latent.T:
        counts, edges = np.histogram(column, bins)
        place = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, bins - 1)
        share = counts[place] / n
        factors.append(1 / (share + alpha))
    weights = np.prod(factors, axis=0)
    return weights / weights.sum()
