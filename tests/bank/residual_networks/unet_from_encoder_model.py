"""The encoder is a model with a list of outputs, and the decoder is built on what it returns.
---
assignment = "residual_networks"
---
"""
# %% unet
import keras
from keras import layers


def double_conv(filters):
    return keras.Sequential(
        [
            layers.Conv2D(filters, 3, padding="same"),
            layers.ReLU(),
            layers.Conv2D(filters, 3, padding="same"),
            layers.ReLU(),
        ]
    )


def build_encoder(input_shape, base_filters, depth):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    outputs = []
    for level in range(depth):
        x = double_conv(base_filters * 2**level)(x)
        outputs.append(x)
        x = layers.MaxPooling2D()(x)
    outputs.append(double_conv(base_filters * 2**depth)(x))
    return keras.Model(inputs, outputs, name="encoder")


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    for side in input_shape[:2]:
        if side % (2**depth) != 0:
            raise ValueError(f"{side} pixels can not be halved {depth} times: use a multiple of {2**depth}")
    inputs = keras.Input(input_shape)
    *skips, x = build_encoder(input_shape, base_filters, depth)(inputs)
    for level, skip in reversed(list(enumerate(skips))):
        x = layers.Conv2DTranspose(base_filters * 2**level, 2, strides=2, padding="same")(x)
        x = layers.Concatenate()([skip, x])
        x = double_conv(base_filters * 2**level)(x)
    activation = {1: "sigmoid"}.get(num_classes, "softmax")
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation=activation)(x))
