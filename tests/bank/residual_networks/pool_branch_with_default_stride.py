"""The pool branch has no strides=1, so it steps by 3 and the branches can't be joined.
---
assignment = "residual_networks"
hint_should_mention = 'strides?\s*=?\s*1|stride'
[score]
inception_module = [0.7, 0.71]
[misconception]
inception_module = "pool_branch_with_default_stride"
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
    d = layers.MaxPooling2D(3, padding="same")(x)
    d = layers.Conv2D(pool_proj, 1, activation="relu")(d)
    return layers.Concatenate()([a, b, c, d])
