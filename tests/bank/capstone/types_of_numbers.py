"""The ids become text; the weights are right, but float32.
---
assignment = "capstone"
[score]
audit = [0.58, 0.59]
resampling = [0.9, 0.97]
[misconception]
audit = "ids_as_text"
resampling = "single_precision"
---
"""
# %% audit
import numpy as np


def audit(labels, predictions, groups):
    right = labels == predictions
    ids = np.unique(groups)
    accuracy = {str(g): float(right[groups == g].mean()) for g in ids}
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
    weights = np.prod(factors, axis=0).astype(np.float32)
    return weights / weights.sum()
