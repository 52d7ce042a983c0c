"""A table of groups against samples, and one of samples, dimensions and bins.
---
assignment = "capstone"
---
"""
# %% audit
import numpy as np


def audit(labels, predictions, groups):
    if not groups.size:
        return {"accuracy": {}, "worst_group": None, "gap": 0.0}
    ids = np.unique(groups)
    member = groups[None, :] == ids[:, None]
    shares = (member & (labels == predictions)).sum(axis=1) / member.sum(axis=1)
    return {
        "accuracy": dict(zip(ids.tolist(), shares.tolist())),
        "worst_group": ids[shares.argmin()].item(),
        "gap": (shares.max() - shares.min()).item(),
    }


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    edges = np.stack([np.histogram_bin_edges(column, bins) for column in latent.T])
    place = np.minimum((latent[:, :, None] >= edges[None, :, 1:]).sum(axis=2), bins - 1)
    chosen = np.eye(bins)[place]
    share = np.einsum("ndb,db->nd", chosen, chosen.mean(axis=0))
    weights = np.prod(1 / (share + alpha), axis=1)
    return weights / weights.sum()
