"""The pooling branch is left out.
---
assignment = "residual_networks"
hint_should_mention = 'the branch «maxpool3x3.*» is missing'
[score]
inception_module = [0.52, 0.53]
[misconception]
inception_module = "branch_missing"
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
    return layers.Concatenate()([a, b, c])
