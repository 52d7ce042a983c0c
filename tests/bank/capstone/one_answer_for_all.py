"""Every group gets the accuracy over all samples, and only the first latent variable counts.
---
assignment = "capstone"
[score]
audit = [0.16, 0.17]
resampling = [0.5, 0.85]
[misconception]
audit = "overall_for_every_group"
resampling = "first_dimension_only"
---
"""
# %% audit
import numpy as np


def audit(labels, predictions, groups):
    right = labels == predictions
    ids = np.unique(groups)
    accuracy = {int(g): float(right.mean()) for g in ids}
    if not accuracy:
        return {"accuracy": {}, "worst_group": None, "gap": 0.0}
    values = list(accuracy.values())
    worst = int(ids[np.argmin(values)])
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
        factors.append(1 / (share + alpha))
    weights = factors[0]
    return weights / weights.sum()
