"""Keras' own Accuracy counts each group; logarithms of the weights go through its softmax in double precision.
---
assignment = "capstone"
---
"""
# %% audit
import keras
import numpy as np


def audit(labels, predictions, groups):
    accuracy = {}
    for group in sorted(set(groups.tolist())):
        metric = keras.metrics.Accuracy()
        metric.update_state(labels[groups == group], predictions[groups == group])
        accuracy[group] = float(metric.result())
    if len(accuracy) < 1:
        return {"gap": 0.0, "worst_group": None, "accuracy": accuracy}
    worst = sorted(accuracy.items(), key=lambda pair: (pair[1], pair[0]))[0][0]
    return {"gap": np.float64(max(accuracy.values()) - accuracy[worst]), "worst_group": worst, "accuracy": accuracy}


# %% resampling
import keras
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    logs = 0
    for column in latent.T:
        counts, edges = np.histogram(column, bins=bins, density=False)
        which = np.minimum(np.searchsorted(edges, column, "right"), bins) - 1
        logs = logs - np.log(counts[which] / float(len(column)) + alpha)
    return np.asarray(keras.ops.softmax(np.float64(logs)), dtype="float64")
