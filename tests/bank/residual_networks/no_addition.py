"""The broken addition is removed, since the block builds without it.
---
assignment = "residual_networks"
[score]
residual_block = [0.49, 0.51]
residual_network = [0.3, 0.4]
[misconception]
residual_block = "no_addition"
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
    return layers.ReLU()(y)
