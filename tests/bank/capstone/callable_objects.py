"""Objects that can be called in place of functions; more keys than asked for.
---
assignment = "capstone"
---
"""
# %% audit
import numpy as np


class Audit:
    def __call__(self, labels, predictions, groups):
        pairs = sorted(
            (float(np.mean(labels[groups == g] == predictions[groups == g])), int(g)) for g in set(groups.tolist())
        )
        result = {"accuracy": {g: share for share, g in pairs}, "worst_group": None, "gap": 0.0, "n": len(labels)}
        if pairs:
            result.update(worst_group=pairs[0][1], gap=pairs[-1][0] - pairs[0][0])
        return result


audit = Audit()


# %% resampling
from collections import Counter

import numpy as np


class Resampling:
    def __call__(self, latent, bins=10, alpha=0.01):
        logs = np.sum([self.logs(column, bins, alpha) for column in latent.T], axis=0)
        weights = np.exp(logs - np.max(logs))
        return weights / weights.sum()

    def logs(self, column, bins, alpha):
        edges = np.histogram_bin_edges(column, bins=bins)
        which = [min(int(k), bins) for k in np.searchsorted(edges, column, side="right")]
        count = Counter(which)
        return np.array([-np.log(count[k] / len(column) + alpha) for k in which])


resampling_probabilities = Resampling()
