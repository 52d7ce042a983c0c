"""The naive module: 3×3 and 5×5 convolutions run on all channels, without their 1×1 reductions.
---
assignment = "residual_networks"
[score]
inception_module = [0.45, 0.75]
[misconception]
inception_module = "reductions_forgotten"
---
"""
# %% inception_module
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    a = layers.Conv2D(f1, 1, activation="relu")(x)
    b = layers.Conv2D(f3, 3, padding="same", activation="relu")(x)
    c = layers.Conv2D(f5, 5, padding="same", activation="relu")(x)
    d = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    d = layers.Conv2D(pool_proj, 1, activation="relu")(d)
    return layers.Concatenate()([a, b, c, d])
