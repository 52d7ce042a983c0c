"""The widths of the book's mini Xception, 32 to 512: about 720,000 parameters where 500,000 are allowed.
---
assignment = "residual_networks"
hint_should_mention = '500.?000'
[score]
mini_xception = [0.75, 0.95]
[misconception]
mini_xception = "over_parameter_cap"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(32, 5, padding="same", use_bias=False)(x)
    for width in (32, 64, 128, 256, 512):
        x = separable_residual_block(x, width)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
