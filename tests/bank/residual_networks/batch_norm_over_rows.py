"""Batch norm with axis=1 on channels-last tensors: it normalises rows, and Keras says nothing.
---
assignment = "residual_networks"
[score]
residual_block = [0.7, 0.9]
residual_network = [0.75, 0.95]
[misconception]
residual_block = "batch_norm_over_rows"
residual_network = "batch_norm_over_rows"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization(axis=1)(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization(axis=1)(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    return layers.ReLU()(layers.Add()([y, x]))
