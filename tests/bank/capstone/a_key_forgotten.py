"""The gap is forgotten in the dictionary; each sample's probability stands in a row of its own.
---
assignment = "capstone"
hint_should_mention = "no key 'gap' among 'accuracy', 'worst_group'"
[score]
audit = [0.6, 0.7]
resampling = [0.9, 0.95]
[misconception]
resampling = "an_axis_too_many"
---
"""
# %% audit
def audit(labels, predictions, groups):
    right = np.asarray(labels) == np.asarray(predictions)
    accuracy = {int(group): float(right[groups == group].mean()) for group in np.unique(groups)}
    return {"accuracy": accuracy, "worst_group": min(accuracy, key=accuracy.get, default=None)}

# %% resampling
def resampling_probabilities(latent, bins=10, alpha=0.01):
    n, d = latent.shape
    logs = np.zeros((n, 1))
    for i in range(d):
        counts, edges = np.histogram(latent[:, i], bins)
        place = np.digitize(latent[:, i : i + 1], edges[1:-1])
        logs = logs - np.log(counts[place] / n + alpha)
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()
