"""Counting in dictionaries; plain loops over samples and bins.
---
assignment = "capstone"
---
"""
# %% audit
def audit(labels, predictions, groups):
    hits, members = {}, {}
    for label, prediction, group in zip(labels, predictions, groups):
        group = int(group)
        members[group] = members.get(group, 0) + 1
        hits[group] = hits.get(group, 0) + int(label == prediction)
    accuracy = {group: hits[group] / members[group] for group in members}
    if not members:
        return dict(accuracy={}, worst_group=None, gap=0.0)
    lowest = min(accuracy.values())
    return {
        "accuracy": accuracy,
        "worst_group": min(group for group in accuracy if accuracy[group] == lowest),
        "gap": max(accuracy.values()) - lowest,
    }


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    n, d = latent.shape
    histograms = [np.histogram(latent[:, i], bins) for i in range(d)]
    weights = []
    for sample in latent:
        weight = 1.0
        for value, (counts, edges) in zip(sample, histograms):
            k = 0
            while k < bins - 1 and value >= edges[k + 1]:
                k += 1
            weight /= counts[k] / n + alpha
        weights.append(weight)
    total = sum(weights)
    return np.array([weight / total for weight in weights])
