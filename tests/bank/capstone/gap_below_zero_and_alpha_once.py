"""Worst minus best; alpha is added to the product of the shares.
---
assignment = "capstone"
[score]
audit = [0.7, 0.85]
resampling = [0.5, 0.85]
[misconception]
audit = "gap_negative"
resampling = "alpha_outside_the_product"
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
    worst = int(ids[np.argmin(values)])
    return {"accuracy": accuracy, "worst_group": worst, "gap": min(values) - max(values)}


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    n = len(latent)
    factors = []
    for column in latent.T:
        counts, edges = np.histogram(column, bins)
        place = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, bins - 1)
        share = counts[place] / n
        factors.append(share)
    weights = 1 / (np.prod(factors, axis=0) + alpha)
    return weights / weights.sum()
