"""x is overwritten by each branch, so every branch starts where the one before it ended.
---
assignment = "residual_networks"
[score]
inception_module = [0.7, 0.71]
[misconception]
inception_module = "branches_chained"
---
"""
# %% inception_module
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    outputs = []
    x = layers.Conv2D(f1, 1, activation="relu")(x)
    outputs.append(x)
    x = layers.Conv2D(f3_reduce, 1, activation="relu")(x)
    x = layers.Conv2D(f3, 3, padding="same", activation="relu")(x)
    outputs.append(x)
    x = layers.Conv2D(f5_reduce, 1, activation="relu")(x)
    x = layers.Conv2D(f5, 5, padding="same", activation="relu")(x)
    outputs.append(x)
    x = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    x = layers.Conv2D(pool_proj, 1, activation="relu")(x)
    outputs.append(x)
    return layers.Concatenate()(outputs)
