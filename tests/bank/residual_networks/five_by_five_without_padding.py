"""The 5×5 convolution has no padding, so its branch is four pixels smaller.
---
assignment = "residual_networks"
hint_should_mention = 'padding|same'
[score]
inception_module = [0.76, 0.77]
[misconception]
inception_module = "branch_without_padding"
---
"""
# %% inception_module
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    a = layers.Conv2D(f1, 1, activation="relu")(x)
    b = layers.Conv2D(f3_reduce, 1, activation="relu")(x)
    b = layers.Conv2D(f3, 3, padding="same", activation="relu")(b)
    c = layers.Conv2D(f5_reduce, 1, activation="relu")(x)
    c = layers.Conv2D(f5, 5, activation="relu")(c)
    d = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    d = layers.Conv2D(pool_proj, 1, activation="relu")(d)
    return layers.Concatenate()([a, b, c, d])
