"""Separable convolutions are spelt DepthwiseConv2D, then a 1×1 convolution.
---
assignment = "residual_networks"
---
"""
# %% separable_block
from keras import layers


def separable(x, filters):
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    return layers.Conv2D(filters, 1, use_bias=False)(x)


def separable_residual_block(x, filters):
    residual = layers.Conv2D(filters, 1, strides=2, padding="same", use_bias=False)(x)
    for _ in range(2):
        x = layers.BatchNormalization()(x)
        x = layers.Activation("relu")(x)
        x = separable(x, filters)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    return layers.add([x, residual])
