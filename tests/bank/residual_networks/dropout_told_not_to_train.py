"""The dropout is called with training=False, which Keras overwrites when the model trains.
---
assignment = "residual_networks"
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
    x = layers.Dropout(0.5)(x, training=False)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
