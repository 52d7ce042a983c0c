"""Concatenate(axis=1) stacks the branches on top of each other instead of side by side in channels.
---
assignment = "residual_networks"
hint_should_mention = 'over height: there all else must agree'
[score]
inception_module = [0.7, 0.71]
[misconception]
inception_module = "concatenated_over_rows"
---
"""
# %% inception_module
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    a = layers.Conv2D(f1, 1, activation="relu")(x)
    b = layers.Conv2D(f3_reduce, 1, activation="relu")(x)
    b = layers.Conv2D(f3, 3, padding="same", activation="relu")(b)
    c = layers.Conv2D(f5_reduce, 1, activation="relu")(x)
    c = layers.Conv2D(f5, 5, padding="same", activation="relu")(c)
    d = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    d = layers.Conv2D(pool_proj, 1, activation="relu")(d)
    return layers.Concatenate(axis=1)([a, b, c, d])
