"""No activation at the end, accuracies from 0 to 100, weights as they are.
---
assignment = "capstone"
[score]
design = [0.75, 0.9]
audit = [0.58, 0.59]
resampling = [0.55, 0.56]
[misconception]
design = "softmax_missing"
audit = "percent"
resampling = "not_normalised"
---
"""
# %% design
import keras
from keras import layers


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = x + layers.Conv2D(16, 3, padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes)(x))


# %% audit
import numpy as np


def audit(labels, predictions, groups):
    right = labels == predictions
    ids = np.unique(groups)
    accuracy = {int(g): 100 * float(right[groups == g].mean()) for g in ids}
    if not accuracy:
        return {"accuracy": {}, "worst_group": None, "gap": 0.0}
    values = list(accuracy.values())
    worst = int(ids[np.argmin(values)])
    return {"accuracy": accuracy, "worst_group": worst, "gap": max(values) - min(values)}


# %% resampling
import numpy as np


def resampling_probabilities(latent, bins=10, alpha=0.01):
    n = len(latent)
    factors = []
    for column in latent.T:
        counts, edges = np.histogram(column, bins)
        place = np.clip(np.searchsorted(edges, column, side="right") - 1, 0, bins - 1)
        share = counts[place] / n
        factors.append(1 / (share + alpha))
    weights = np.prod(factors, axis=0)
    return weights
