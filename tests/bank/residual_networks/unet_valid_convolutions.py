"""Convolutions without padding as in the paper, but without the paper's cropping: the skips do not fit.
---
assignment = "residual_networks"
hint_should_mention = 'same|padding|crop'
[score]
unet = [0.0, 0.3]
[misconception]
unet = "unet_valid_convolutions"
---
"""
# %% unet
import keras
from keras import layers


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    if input_shape[0] % 2**depth or input_shape[1] % 2**depth:
        raise ValueError(f"the size must be divisible by {2**depth}, got {input_shape}")
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    skips = []
    for level in range(depth):
        x = layers.Conv2D(base_filters * 2**level, 3, activation="relu")(x)
        x = layers.Conv2D(base_filters * 2**level, 3, activation="relu")(x)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(base_filters * 2**depth, 3, activation="relu")(x)
    x = layers.Conv2D(base_filters * 2**depth, 3, activation="relu")(x)
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(base_filters * 2**level, 2, strides=2)(x)
        x = layers.Concatenate()([skips[level], x])
        x = layers.Conv2D(base_filters * 2**level, 3, activation="relu")(x)
        x = layers.Conv2D(base_filters * 2**level, 3, activation="relu")(x)
    activation = "sigmoid" if num_classes == 1 else "softmax"
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation=activation)(x))
