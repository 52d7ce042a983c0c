"""The first norm and ReLU serve both body and shortcut, which leaves before the first convolution.
---
assignment = "residual_networks"
---
"""
# %% separable_block
from keras import layers


def separable_residual_block(x, filters):
    x = layers.ReLU()(layers.BatchNormalization()(x))
    y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)])
