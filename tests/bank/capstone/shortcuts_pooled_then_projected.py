"""Shortcuts that average pixels, then mix channels; the last blocks work on two pixels and on one.
---
assignment = "capstone"
---
"""

# %% design
import keras
from keras import layers


def down(x, filters):
    y = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(y))
    x = layers.AveragePooling2D(2, padding="same")(x)
    x = layers.BatchNormalization()(layers.Conv2D(filters, 1, use_bias=False)(x))
    return layers.ReLU()(layers.Add()([x, y]))


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(layers.RandomFlip("horizontal")(inputs))
    x = layers.Conv2D(12, 3, strides=2, padding="same")(x)
    for filters in (12, 16, 24, 32, 48):
        x = down(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
