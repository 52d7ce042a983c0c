"""Five features at once: augmentation, separable and batch norm, and a sum of three ways, one of them a plain shortcut.
---
assignment = "capstone"
---
"""
# %% design
import keras
from keras import layers


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(24, 3, strides=4, padding="same")(x)
    small = layers.SeparableConv2D(24, 3, padding="same")(x)
    large = layers.SeparableConv2D(24, 5, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization()(layers.Add()([x, small, large])))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
