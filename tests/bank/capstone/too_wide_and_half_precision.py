"""Three features in 1.3 million parameters; a product of sixteen factors in half precision.
---
assignment = "capstone"
hint_should_mention = '400,000'
[score]
design = [0.75, 0.9]
resampling = [0.1, 0.9]
[misconception]
design = "over_the_budget"
resampling = "product_overflows"
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
    y = layers.Conv2D(256, 3, padding="same")(x)
    y = layers.Conv2D(512, 3, padding="same")(y)
    x = y + layers.Conv2D(512, 1)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))


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
    weights = np.prod(np.array(factors, np.float16), axis=0)
    return weights / weights.sum()
