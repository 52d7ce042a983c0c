"""The largest count is subtracted from the logarithms, not the largest logarithm: with a thousand samples all weights are 0.
---
assignment = "capstone"
hint_should_mention = 'the largest power is 1'
[score]
resampling = [0.9, 0.95]
[misconception]
resampling = "power_vanishes"
---
"""
# %% resampling
def resampling_probabilities(latent, bins=10, alpha=0.01):
    logs = np.zeros(len(latent))
    for column in latent.T:
        heights, borders = np.histogram(column, bins)
        place = np.clip(np.searchsorted(borders, column, side="right") - 1, 0, bins - 1)
        logs -= np.log(heights[place] / len(latent) + alpha)
    weights = np.exp(logs - heights.max())
    return weights / weights.sum()
