"""Two Counters and a defaultdict as answer; shares straight from np.histogram, each factor normalised on the way.
---
assignment = "capstone"
---
"""
# %% audit
from collections import Counter, defaultdict


def audit(labels, predictions, groups):
    everyone = Counter(groups.tolist())
    right = Counter(groups[labels == predictions].tolist())
    answer = defaultdict(dict)
    answer["accuracy"] = {group: right[group] / everyone[group] for group in sorted(everyone)}
    answer["worst_group"] = min(everyone, key=lambda group: (answer["accuracy"][group], group), default=None)
    shares = list(answer["accuracy"].values()) or [0.0]
    answer["gap"] = max(shares) - min(shares)
    return answer


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    n, d = np.shape(latent)
    result = np.full(n, 1.0)
    for i in range(d):
        share, edges = np.histogram(latent[:, i], bins, weights=np.full(n, 1.0 / n))
        edges[0], edges[-1] = -np.inf, np.inf
        factor = 1.0 / (share[np.digitize(latent[:, i], edges) - 1] + alpha)
        result *= factor / factor.sum()
    return result / result.sum()
