"""Padding is a ZeroPadding2D layer before a `valid` convolution; at stride 2 the kernel stands one pixel further.
---
assignment = "residual_networks"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.ZeroPadding2D(1)(x)
    y = layers.Conv2D(filters, 3, strides=strides, use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.ZeroPadding2D(((1, 1), (1, 1)))(y)
    y = layers.Conv2D(filters, 3, use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides > 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([y, x]))
