"""Body and shortcut are Sequential models, each called once.
---
assignment = "residual_networks"
---
"""
# %% separable_block
import keras
from keras import layers


def separable_residual_block(x, filters):
    step = lambda: [
        layers.BatchNormalization(),
        layers.Activation("relu"),
        layers.SeparableConv2D(filters, (3, 3), padding="same", use_bias=False),
    ]
    body = keras.Sequential([*step(), *step(), layers.MaxPooling2D((3, 3), strides=(2, 2), padding="same")])
    shortcut = keras.Sequential([layers.Conv2D(filters, (1, 1), strides=(2, 2), use_bias=False), layers.BatchNormalization()])
    return layers.Add()([shortcut(x), body(x)])
