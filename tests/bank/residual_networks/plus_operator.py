"""The sum is written `y + shortcut` and the activation `keras.ops.relu`: neither is a layer in `model.layers`.
---
assignment = "residual_networks"
---
"""
# %% residual_block
from keras import layers, ops


def residual_block(x, filters, strides=1):
    shortcut = x
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = ops.relu(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        shortcut = layers.BatchNormalization()(shortcut)
    return ops.relu(y + shortcut)
