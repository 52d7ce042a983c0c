"""Sizes that 2^depth does not divide are padded at the entrance and cropped at the exit.
---
assignment = "residual_networks"
---
"""
# %% unet
import keras
from keras import layers


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    def conv(x, filters):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        return layers.Conv2D(filters, 3, padding="same", activation="relu")(x)

    missing = [-side % 2**depth for side in input_shape[:2]]
    margins = [(extra // 2, extra - extra // 2) for extra in missing]
    inputs = keras.Input(input_shape)
    x = layers.ZeroPadding2D(margins)(inputs)
    skips = []
    for level in range(depth):
        x = conv(x, base_filters << level)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = conv(x, base_filters << depth)
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(base_filters << level, 3, strides=2, padding="same")(x)
        x = layers.Concatenate()([skips[level], x])
        x = conv(x, base_filters << level)
    x = layers.Conv2D(num_classes, 1, activation="softmax" if num_classes > 1 else "sigmoid")(x)
    return keras.Model(inputs, layers.Cropping2D(margins)(x))
