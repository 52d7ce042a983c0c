"""A value on the edge between two bins is looked up in the lower one.
---
assignment = "capstone"
[score]
resampling = [0.7, 0.97]
[misconception]
resampling = "edges_in_the_bin_below"
---
"""
# %% resampling
def resampling_probabilities(latent, bins=10, alpha=0.01):
    """How often to draw each sample so that rare regions of the latent space are seen as well."""
    latent = np.asarray(latent, dtype=np.float64)
    logs = np.zeros(len(latent))
    for column in latent.T:
        heights, borders = np.histogram(column, bins)
        place = np.clip(np.searchsorted(borders, column) - 1, 0, bins - 1)
        logs -= np.log(heights[place] / len(latent) + alpha)
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()
