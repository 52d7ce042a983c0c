"""The worst group is the first one that was met; all columns of the latent space go into one list.
---
assignment = "capstone"
hint_should_mention = 'n·d numbers'
[score]
audit = [0.6, 0.8]
resampling = [0.44, 0.45]
[misconception]
audit = "group_of_the_first_sample"
resampling = "columns_in_one_list"
---
"""
# %% audit
def audit(labels, predictions, groups):
    right = np.asarray(labels) == np.asarray(predictions)
    accuracy = {int(group): float(right[groups == group].mean()) for group in np.unique(groups)}
    shares = accuracy.values()
    return {
        "accuracy": accuracy,
        "worst_group": int(groups[0]) if accuracy else None,
        "gap": max(shares) - min(shares) if accuracy else 0.0,
    }

# %% resampling
def resampling_probabilities(latent, bins=10, alpha=0.01):
    values = np.ravel(latent)
    counts, edges = np.histogram(values, bins)
    place = np.digitize(values, edges[1:-1])
    weights = 1 / (counts[place] / len(values) + alpha)
    return weights / weights.sum()
