"""Every block is a keras.Model of its own that is called on x, so the network is a model of models.
---
assignment = "residual_networks"
---
"""
# %% residual_block
import keras
from keras import layers


def residual_block(x, filters, strides=1):
    entrance = keras.Input(shape=x.shape[1:])
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(entrance)
    y = layers.BatchNormalization()(y)
    y = layers.Activation("relu")(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    shortcut = entrance
    if x.shape[-1] != filters or strides != 1:
        shortcut = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(entrance)
    block = keras.Model(entrance, layers.Activation("relu")(layers.Add()([shortcut, y])))
    return block(x)
