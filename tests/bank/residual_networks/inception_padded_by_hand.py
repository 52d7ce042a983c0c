"""Zero padding by layers, activations as layers, no `same` anywhere.
---
assignment = "residual_networks"
---
"""
# %% inception_module
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    relu = layers.ReLU
    a = relu()(layers.Conv2D(f1, 1)(x))
    b = relu()(layers.Conv2D(f3_reduce, 1)(x))
    b = relu()(layers.Conv2D(f3, 3)(layers.ZeroPadding2D(1)(b)))
    c = relu()(layers.Conv2D(f5_reduce, 1)(x))
    c = relu()(layers.Conv2D(f5, 5)(layers.ZeroPadding2D(2)(c)))
    d = layers.MaxPooling2D(3, 1)(layers.ZeroPadding2D(1)(x))
    d = relu()(layers.Conv2D(pool_proj, 1)(d))
    return layers.concatenate([a, b, c, d])
