"""Fails without samples; bin numbers by (x - min) / (max - min), which is 0 / 0 for a constant column.
---
assignment = "capstone"
[score]
audit = [0.75, 0.9]
resampling = [0.85, 0.95]
[misconception]
audit = "no_samples"
resampling = "constant_dimension"
---
"""
# %% audit
import numpy as np


def audit(labels, predictions, groups):
    right = labels == predictions
    ids = np.unique(groups)
    accuracy = {int(g): float(right[groups == g].mean()) for g in ids}
    values = list(accuracy.values())
    worst = int(ids[np.argmin(values)])
    return {"accuracy": accuracy, "worst_group": worst, "gap": max(values) - min(values)}


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    weights = np.ones(len(latent))
    for column in latent.T:
        with np.errstate(all="ignore"):
            place = (column - column.min()) / (column.max() - column.min()) * bins
            weights /= np.where(np.isnan(place), np.nan, 1)
        place = np.minimum(np.nan_to_num(place).astype(int), bins - 1)
        weights /= np.bincount(place, minlength=bins)[place] / len(latent) + alpha
    return weights / weights.sum()
