"""The projection has one filter; Add stretches its single channel over all of them without a word.
---
assignment = "residual_networks"
[score]
residual_block = [0.6, 0.8]
residual_network = [0.7, 0.9]
[misconception]
residual_block = "broadcast_add"
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
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(1, 1, strides=strides, use_bias=False)(x)
    return layers.ReLU()(layers.Add()([y, x]))
