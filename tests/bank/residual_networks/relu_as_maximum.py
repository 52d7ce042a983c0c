"""ReLU is written as what it is: the larger of the tensor and zero.
---
assignment = "residual_networks"
---
"""
# %% residual_block
from keras import layers, ops


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = ops.maximum(layers.BatchNormalization()(y), 0.0)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    return ops.maximum(0.0, x + y)
