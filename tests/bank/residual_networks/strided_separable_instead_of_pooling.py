"""The second separable convolution moves with stride 2 in place of the pooling.
---
assignment = "residual_networks"
[score]
separable_block = [0.85, 0.92]
[misconception]
separable_block = "pooling_missing"
---
"""
# %% separable_block
from keras import layers


def separable_residual_block(x, filters):
    y = layers.BatchNormalization()(x)
    y = layers.ReLU()(y)
    y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.SeparableConv2D(filters, 3, strides=2, padding="same", use_bias=False)(y)
    return y + layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)
