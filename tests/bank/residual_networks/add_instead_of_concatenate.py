"""The branches are added as in a residual block.
---
assignment = "residual_networks"
hint_should_mention = 'all must be of one size'
[score]
inception_module = [0.7, 0.71]
[misconception]
inception_module = "add_instead_of_concatenate"
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
    d = layers.Conv2D(pool_proj, 1, padding="same", activation="relu")(d)
    return layers.Add()([a, b, c, d])
