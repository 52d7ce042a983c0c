"""The 1×1 convolution of the pool branch comes before the pooling: shapes and parameters agree, the order does not.
---
assignment = "residual_networks"
[score]
inception_module = [0.7, 0.95]
[misconception]
inception_module = "pool_projection_first"
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
    d = layers.Conv2D(pool_proj, 1, activation="relu")(x)
    d = layers.MaxPooling2D(3, strides=1, padding="same")(d)
    return layers.Concatenate()([a, b, c, d])
