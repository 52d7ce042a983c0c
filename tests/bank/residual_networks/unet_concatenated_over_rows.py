"""The skips are laid below the decoder's maps: axis=1.
---
assignment = "residual_networks"
[score]
unet = [0.66, 0.67]
[misconception]
unet = "concatenated_over_rows"
---
"""
# %% unet
import keras
from keras import layers


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    for side in input_shape[:2]:
        if side % 2**depth:
            raise ValueError(f"{side} pixels can't be halved {depth} times: use a multiple of {2**depth}")

    def conv_block(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        return x

    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    skips = []
    for level in range(depth):
        x = conv_block(x, base_filters * 2**level)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)
    x = conv_block(x, base_filters * 2**depth)
    x = layers.Dropout(0.3)(x)
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(base_filters * 2**level, 2, strides=2)(x)
        x = layers.Concatenate(axis=1)([x, skips[level]])
        x = conv_block(x, base_filters * 2**level)
    outputs = layers.Conv2D(num_classes, 1, activation="sigmoid" if num_classes == 1 else "softmax")(x)
    return keras.Model(inputs, outputs)
