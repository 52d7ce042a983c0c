"""Counts come from np.add.at; shares are NumPy's own numbers, and no samples give a gap of 0 without asking for it.
---
assignment = "capstone"
---
"""
# %% audit
def audit(labels, predictions, groups):
    ids, place = np.unique(groups, return_inverse=True)
    hits, members = np.zeros(len(ids)), np.zeros(len(ids))
    np.add.at(hits, place, labels == predictions)
    np.add.at(members, place, 1)
    shares = hits / members
    return {
        "accuracy": dict(zip(ids.tolist(), shares)),
        "worst_group": ids[shares.argmin()] if len(ids) else None,
        "gap": np.ptp(np.append(shares, shares[:1])) if len(ids) else np.array(0),
    }

# %% resampling
def resampling_probabilities(latent, bins=10, alpha=0.01):
    def factor(column):
        counts, edges = np.histogram(column, bins)
        inner = np.asarray([np.count_nonzero(value >= edges[1:-1]) for value in column])
        return 1 / (np.take(counts, inner) / column.size + alpha)

    weights = np.prod(np.apply_along_axis(factor, 0, np.asarray(latent)).astype("longdouble"), axis=1)
    return (weights / weights.sum()).astype("float64")
