"""The body is a keras.Sequential, and so is the projection.
---
assignment = "residual_networks"
---
"""
# %% residual_block
import keras
from keras import layers


def residual_block(x, filters, strides=1):
    body = keras.Sequential(
        [
            layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Conv2D(filters, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
        ]
    )
    if strides == 1 and x.shape[-1] == filters:
        shortcut = x
    else:
        projection = keras.Sequential([layers.Conv2D(filters, 1, strides=strides), layers.BatchNormalization()])
        shortcut = projection(x)
    return layers.ReLU()(layers.Add()([body(x), shortcut]))
