"""An audit that always stops, and probabilities that are the same for all.
---
assignment = "capstone"
hint_should_mention = "left from before"
[score]
audit = 0.0
resampling = [0.2, 0.3]
[misconception]
audit = "groups_not_read"
resampling = "latent_ignored"
---
"""
# %% audit
def audit(labels, predictions, groups):
    right = labels == predictions
    accuracy = {int(group): float(right[groups == group].mean()) for group in np.unique(group)}
    worst = min(accuracy, key=accuracy.get)
    return {"accuracy": accuracy, "worst_group": worst, "gap": max(accuracy.values()) - accuracy[worst]}

# %% resampling
def resampling_probabilities(latent, bins=10, alpha=0.01):
    return np.full(len(latent), 1 / len(latent))
