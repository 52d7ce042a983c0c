"""Depthwise convolutions without their 1×1 partner: channels never mix until one last 1×1 convolution widens them.
---
assignment = "residual_networks"
[score]
separable_block = [0.5, 0.8]
mini_xception = [0.85, 1.0]
[misconception]
separable_block = "depthwise_without_pointwise"
---
"""
# %% separable_block
from keras import layers


def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.BatchNormalization()(y)
        y = layers.ReLU()(y)
        y = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(y)
    y = layers.Conv2D(filters, 1, use_bias=False)(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)])
