"""Trunk, module and head are models of their own; the inception module has a dropout and its reductions.
---
assignment = "capstone"
---
"""
# %% design
import keras
from keras import layers


def module(channels):
    x = keras.Input((None, None, channels))
    a = layers.Conv2D(8, 1, activation="relu")(x)
    b = layers.Conv2D(12, 3, padding="same", activation="relu")(layers.Conv2D(6, 1, activation="relu")(x))
    c = layers.Conv2D(8, 5, padding="same", activation="relu")(layers.Conv2D(4, 1, activation="relu")(x))
    d = layers.Conv2D(8, 1, activation="relu")(layers.MaxPooling2D(3, strides=1, padding="same")(x))
    return keras.Model(x, layers.Dropout(0.1)(layers.Concatenate()([a, b, c, d])), name="module")


def build_model(input_shape, num_classes):
    trunk_input = keras.Input(input_shape)
    t = layers.Conv2D(16, 3, strides=4, padding="same")(layers.Rescaling(1 / 255)(trunk_input))
    trunk = keras.Model(trunk_input, layers.ReLU()(layers.BatchNormalization()(t)), name="trunk")
    images = keras.Input(input_shape)
    x = layers.RandomRotation(0.2)(images)
    x = module(16)(trunk(x))
    head = keras.Sequential([layers.GlobalAveragePooling2D(), layers.Dense(num_classes, activation="softmax")])
    return keras.Model(images, head(x))
