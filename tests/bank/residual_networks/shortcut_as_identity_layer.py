"""The plain shortcut runs through layers.Identity, and a dropout of 0 stands in the body: both change nothing.
---
assignment = "residual_networks"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    needs_projection = strides != 1 or x.shape[-1] != filters
    side = layers.Conv2D(filters, 1, strides=strides) if needs_projection else layers.Identity()
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Dropout(0.0)(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    return layers.ReLU()(layers.Add()([side(x), y]))
