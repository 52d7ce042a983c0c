"""Branches stacked on top of each other, the first group compared with the last, a column of probabilities for each dimension.
---
assignment = "capstone"
[score]
design = [0.4, 0.75]
audit = [0.7, 0.85]
resampling = [0.44, 0.45]
[misconception]
design = "concatenated_over_rows"
audit = "gap_of_two_groups"
resampling = "one_column_a_dimension"
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
    x = layers.Concatenate(axis=1)([layers.Conv2D(16, size, padding="same")(x) for size in (1, 3, 5)])
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))


# %% audit
import numpy as np


def audit(labels, predictions, groups):
    right = labels == predictions
    ids = np.unique(groups)
    accuracy = {int(g): float(right[groups == g].mean()) for g in ids}
    if not accuracy:
        return {"accuracy": {}, "worst_group": None, "gap": 0.0}
    values = list(accuracy.values())
    worst = int(ids[np.argmin(values)])
    return {"accuracy": accuracy, "worst_group": worst, "gap": values[0] - values[-1]}


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
    weights = np.array(factors).T
    return weights / weights.sum(axis=0)
