"""Numbers of hits in place of shares; alpha is added to counts.
---
assignment = "capstone"
[score]
audit = [0.58, 0.59]
resampling = [0.66, 0.67]
[misconception]
audit = "hits_not_shares"
resampling = "counts_not_shares"
---
"""
# %% audit
import numpy as np


def audit(labels, predictions, groups):
    right = labels == predictions
    ids = np.unique(groups)
    accuracy = {int(g): int(right[groups == g].sum()) for g in ids}
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
        share = counts[place]
        factors.append(1 / (share + alpha))
    weights = np.prod(factors, axis=0)
    return weights / weights.sum()
