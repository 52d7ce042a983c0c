"""The tensor is passed with the settings, `Conv2D(filters, 3, x)`, instead of in a second pair of parentheses.
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
    y = layers.Conv2D(filters, 3, x, padding="same")
    y = layers.BatchNormalization(y)
    y = layers.ReLU(y)
    y = layers.Conv2D(filters, 3, y, padding="same")
    y = layers.BatchNormalization(y)
    return layers.ReLU(layers.Add([y, x]))
