"""The dropout drops one number in a billion.
---
assignment = "residual_networks"
hint_should_mention = 'next to it'
[score]
mini_xception = [0.9, 0.94]
[misconception]
mini_xception = "dropout_of_nothing"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal_and_vertical")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    for filters in (32, 64, 128, 256):
        x = separable_residual_block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(1e-9)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
