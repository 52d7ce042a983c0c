"""Augmentation and stem as Sequential models inside; a shortcut by `+` around a Sequential body with dropout.
---
assignment = "capstone"
---
"""
# %% design
import keras
from keras import layers

prepare = keras.Sequential([layers.RandomFlip(), layers.RandomZoom(0.1), layers.Rescaling(1 / 127.5, -1)], name="prepare")


def body(filters):
    return keras.Sequential(
        [
            layers.Conv2D(filters, 3, padding="same"),
            layers.BatchNormalization(),
            layers.Activation("swish"),
            layers.SpatialDropout2D(0.1),
            layers.Conv2D(filters, 3, padding="same"),
        ]
    )


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(20, 7, strides=4, padding="same")(prepare(inputs))
    for _ in range(3):
        x = x + body(20)(x)
    outputs = layers.Dense(num_classes, activation=keras.activations.softmax)(layers.GlobalAvgPool2D()(x))
    return keras.Model(inputs, outputs)
