"""The pooling is left out, and so is the stride of the shortcut that did not fit without it.
---
assignment = "residual_networks"
[score]
separable_block = [0.5, 0.6]
[misconception]
separable_block = "pooling_missing"
---
"""
# %% separable_block
from keras import layers


def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.BatchNormalization()(y)
        y = layers.ReLU()(y)
        y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    shortcut = layers.Conv2D(filters, 1, use_bias=False)(x)
    return layers.Add()([y, shortcut])
