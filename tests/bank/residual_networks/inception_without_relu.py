"""The convolutions have no activation.
---
assignment = "residual_networks"
[score]
inception_module = [0.9, 0.97]
[misconception]
inception_module = "relu_forgotten"
---
"""
# %% inception_module
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    a = layers.Conv2D(f1, 1)(x)
    b = layers.Conv2D(f3, 3, padding="same")(layers.Conv2D(f3_reduce, 1)(x))
    c = layers.Conv2D(f5, 5, padding="same")(layers.Conv2D(f5_reduce, 1)(x))
    d = layers.Conv2D(pool_proj, 1)(layers.MaxPooling2D(3, strides=1, padding="same")(x))
    return layers.Concatenate()([a, b, c, d])
