"""Seven separable blocks, so that the last ones work on single pixels; pooled shortcuts, three ways to a sum.
---
assignment = "residual_networks"
---
"""

# %% mini_xception
import keras
from keras import layers


def body(x, filters):
    for _ in range(2):
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
    return layers.MaxPooling2D(2, padding="same")(x)


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(x)
    for filters in (16, 24, 32, 48, 64, 80, 96):
        shortcut = layers.AveragePooling2D(2, padding="same")(x)
        shortcut = layers.Conv2D(filters, 1, use_bias=False)(shortcut)
        x = layers.Add()([shortcut, body(x, filters), body(x, filters)])
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.4)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
