"""The first convolution on the RGB image is separable already; three correlated channels are nothing to separate.
---
assignment = "residual_networks"
[score]
mini_xception = [0.75, 0.95]
[misconception]
mini_xception = "separable_on_rgb"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.RandomRotation(0.05)(x)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.SeparableConv2D(32, 3, padding="same", use_bias=False)(x)
    for width in (32, 64, 128, 192):
        x = separable_residual_block(x, width)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
