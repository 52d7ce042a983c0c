"""The layers of the block's body never train.
---
assignment = "residual_networks"
hint_should_mention = 'trainable=False'
[score]
residual_block = [0.8, 0.86]
[misconception]
residual_block = "layers_held_still"
---
"""
# %% residual_block
import keras
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", trainable=False)(x)
    y = layers.BatchNormalization(trainable=False)(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", trainable=False)(y)
    y = layers.BatchNormalization(trainable=False)(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([y, x]))
