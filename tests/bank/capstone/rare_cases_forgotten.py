"""Of several worst groups the one with the highest id; alpha is left out.
---
assignment = "capstone"
[score]
audit = [0.85, 0.95]
resampling = [0.66, 0.67]
[misconception]
audit = "tie_by_order"
resampling = "alpha_left_out"
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
    worst = int(ids[::-1][np.argmin(values[::-1])])
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
        factors.append(1 / (share))
    weights = np.prod(factors, axis=0)
    return weights / weights.sum()
