"""Hits of a group over all samples; one histogram over all dimensions at once.
---
assignment = "capstone"
hint_should_mention = 'own size'
[score]
audit = [0.58, 0.59]
resampling = [0.5, 0.85]
[misconception]
audit = "share_of_all_samples"
resampling = "joint_histogram"
---
"""
# %% audit
import numpy as np


def audit(labels, predictions, groups):
    right = labels == predictions
    ids = np.unique(groups)
    accuracy = {int(g): float(right[groups == g].sum() / len(right)) for g in ids}
    if not accuracy:
        return {"accuracy": {}, "worst_group": None, "gap": 0.0}
    values = list(accuracy.values())
    worst = int(ids[np.argmin(values)])
    return {"accuracy": accuracy, "worst_group": worst, "gap": max(values) - min(values)}


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    cells = []
    for column in latent.T:
        edges = np.histogram_bin_edges(column, bins)
        cells.append(np.digitize(column, edges[1:-1]))
    _, inverse, counts = np.unique(np.column_stack(cells), axis=0, return_inverse=True, return_counts=True)
    weights = 1 / (counts[inverse.ravel()] / len(latent) + alpha)
    return weights / weights.sum()
