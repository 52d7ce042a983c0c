"""A hidden dense layer between dropout and classifier, which the head leaves room for.
---
assignment = "residual_networks"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(24, 5, padding="same", use_bias=False)(x)
    for width in (24, 48, 96, 128):
        x = separable_residual_block(x, width)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.4)(x)
    x = layers.Dense(64, activation="relu")(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
