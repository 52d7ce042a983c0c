"""The 1×1 convolutions follow the large ones instead of coming before them.
---
assignment = "residual_networks"
[score]
inception_module = [0.45, 0.75]
[misconception]
inception_module = "reduction_after_convolution"
---
"""
# %% inception_module
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    a = layers.Conv2D(f1, 1, activation="relu")(x)
    b = layers.Conv2D(f3_reduce, 3, padding="same", activation="relu")(x)
    b = layers.Conv2D(f3, 1, activation="relu")(b)
    c = layers.Conv2D(f5_reduce, 5, padding="same", activation="relu")(x)
    c = layers.Conv2D(f5, 1, activation="relu")(c)
    d = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    d = layers.Conv2D(pool_proj, 1, activation="relu")(d)
    return layers.Concatenate()([a, b, c, d])
