"""The shortcut is concatenated: a dense block, whose channels double.
---
assignment = "residual_networks"
[score]
residual_block = [0.66, 0.67]
residual_network = [0.15, 0.5]
[misconception]
residual_block = "concatenate_instead_of_add"
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
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Concatenate()([y, x]))
