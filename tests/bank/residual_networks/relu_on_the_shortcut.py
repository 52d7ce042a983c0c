"""The projection has a ReLU of its own, so what passes the shortcut is no longer the input.
---
assignment = "residual_networks"
[score]
residual_block = [0.75, 0.83]
residual_network = [0.5, 0.6]
[misconception]
residual_block = "projection_activated"
residual_network = "projection_activated"
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
        x = layers.Conv2D(filters, 1, strides=strides, activation="relu")(x)
    return layers.ReLU()(layers.Add()([y, x]))
