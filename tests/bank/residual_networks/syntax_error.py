"""A parenthesis is left open: the cell is no Python.
---
assignment = "residual_networks"
[score]
residual_block = 0.0
residual_network = [0.0, 0.15]
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same"(x)
    y = layers.BatchNormalization()(y)
    return layers.Add()([x, y])
