"""A network in half precision with the channels first, which TensorFlow computes on a GPU only: it is wrong, and nobody has to look at it.
---
assignment = "residual_networks"
category = "malformed"
[score]
mini_xception = [0.0, 0.6]
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    how = {"data_format": "channels_first", "dtype": "mixed_float16", "padding": "same"}
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(layers.RandomFlip("horizontal")(inputs))
    x = layers.Conv2D(16, 3, strides=2, activation="relu", **how)(x)
    for filters in (16, 32, 48, 64):
        x = layers.SeparableConv2D(filters, 3, activation="relu", **how)(x)
    x = layers.GlobalAveragePooling2D(data_format="channels_first")(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax", dtype="float32")(x))
