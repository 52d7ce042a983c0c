"""Keys, id and numbers stay NumPy's own scalars; bins by the inner edges alone, the product as a reduction.
---
assignment = "capstone"
---
"""
# %% audit
import numpy as np


def audit(labels, predictions, groups):
    if len(labels) == 0:
        return {"accuracy": {}, "worst_group": None, "gap": 0}
    ids, place = np.unique(groups, return_inverse=True)
    shares = np.bincount(place.ravel(), weights=labels == predictions) / np.bincount(place.ravel())
    return {"accuracy": dict(zip(ids, shares)), "worst_group": ids[np.argmin(shares)], "gap": np.ptp(shares)}


# %% resampling
import functools

import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    def factor(column):
        counts, edges = np.histogram(column, bins)
        return 1 / (counts[np.digitize(column, edges[1:-1])] / column.size + alpha)

    product = functools.reduce(np.multiply, map(factor, np.transpose(latent)))
    return product / product.sum()
