"""Seven of the student's own separable blocks, so that the last one works on a single pixel.
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
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(x)
    for filters in (16, 32, 48, 64, 96, 128, 192):
        x = separable_residual_block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.4)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
