"""Pooling, activation and sum are functions from keras.ops, only what has weights is a layer.
---
assignment = "residual_networks"
---
"""
# %% separable_block
import keras
from keras import ops


def separable_residual_block(x, filters):
    conv = keras.layers.SeparableConv2D
    norm = keras.layers.BatchNormalization
    y = conv(filters, 3, padding="same", use_bias=False)(ops.relu(norm()(x)))
    y = conv(filters, 3, padding="same", use_bias=False)(ops.relu(norm()(y)))
    y = ops.max_pool(y, pool_size=(3, 3), strides=(2, 2), padding="same")
    s = keras.layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)
    return ops.add(s, y)
