"""For several classes the softmax runs over the rows of the grid, not over the classes of a pixel.
---
assignment = "residual_networks"
hint_should_mention = 'another axis'
[score]
unet = [0.8, 0.97]
[misconception]
unet = "softmax_over_another_axis"
---
"""
# %% unet
import keras
from keras import layers


def double(x, filters):
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return x


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    if any(side % 2**depth for side in input_shape[:2]):
        raise ValueError(f"height and width of {input_shape} have to be multiples of {2**depth}")
    inputs = keras.Input(input_shape)
    x, skips = layers.Rescaling(1 / 255)(inputs), []
    for level in range(depth):
        x = double(x, base_filters * 2**level)
        skips.append(x)
        x = layers.MaxPooling2D()(x)
    x = double(x, base_filters * 2**depth)
    for level in reversed(range(depth)):
        x = layers.Conv2DTranspose(base_filters * 2**level, 2, strides=2)(x)
        x = double(layers.Concatenate()([skips[level], x]), base_filters * 2**level)
    x = layers.Conv2D(num_classes, 1)(x)
    if num_classes == 1:
        return keras.Model(inputs, layers.Activation("sigmoid")(x))
    return keras.Model(inputs, layers.Softmax(axis=1)(x))
