"""Every block has a 1×1 convolution on its shortcut, needed or not.
---
assignment = "residual_networks"
[score]
residual_block = [0.65, 0.9]
residual_network = [0.6, 0.9]
[misconception]
residual_block = "projection_on_every_block"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    shortcut = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    shortcut = layers.BatchNormalization()(shortcut)
    return layers.ReLU()(layers.Add()([y, shortcut]))
