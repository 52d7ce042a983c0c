"""Groups counted from zero to the highest id; digitize gives the largest sample a bin that does not exist.
---
assignment = "capstone"
[score]
audit = [0.58, 0.59]
resampling = 0.0
[misconception]
audit = "ids_counted_from_zero"
resampling = "largest_value_left_out"
---
"""
# %% audit
import numpy as np


def audit(labels, predictions, groups):
    if len(groups) == 0:
        return {"accuracy": {}, "worst_group": None, "gap": 0.0}
    accuracy = {}
    for g in range(groups.max() + 1):
        chosen = groups == g
        accuracy[g] = float((labels[chosen] == predictions[chosen]).mean()) if chosen.any() else 0.0
    worst = min(accuracy, key=accuracy.get)
    return {"accuracy": accuracy, "worst_group": worst, "gap": max(accuracy.values()) - accuracy[worst]}


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    weights = np.ones(len(latent))
    for column in latent.T:
        counts, edges = np.histogram(column, bins)
        weights /= counts[np.digitize(column, edges) - 1] / len(latent) + alpha
    return weights / weights.sum()
