"""All four separable blocks have the same width.
---
assignment = "residual_networks"
[score]
mini_xception = [0.75, 0.95]
[misconception]
mini_xception = "widths_do_not_grow"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(64, 3, padding="same", use_bias=False)(x)
    for _ in range(4):
        x = separable_residual_block(x, 64)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
