"""The pooling branch goes into the concatenation with all its channels.
---
assignment = "residual_networks"
[score]
inception_module = [0.7, 0.71]
[misconception]
inception_module = "pool_projection_missing"
---
"""
# %% inception_module
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    a = layers.Conv2D(f1, 1, padding="same", activation="relu")(x)
    b = layers.Conv2D(f3_reduce, 1, padding="same", activation="relu")(x)
    b = layers.Conv2D(f3, 3, padding="same", activation="relu")(b)
    c = layers.Conv2D(f5_reduce, 1, padding="same", activation="relu")(x)
    c = layers.Conv2D(f5, 5, padding="same", activation="relu")(c)
    d = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    return layers.Concatenate()([a, b, c, d])
