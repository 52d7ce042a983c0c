"""The network is built by a helper called `unet`, a name that a cell further down might take.
---
assignment = "residual_networks"
---
"""
# %% unet
import keras
from keras import layers


def unet(x, filters, below):
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    if below == 0:
        return x
    deep = unet(layers.MaxPooling2D()(x), 2 * filters, below - 1)
    x = layers.concatenate([x, layers.Conv2DTranspose(filters, 2, strides=2)(deep)])
    for _ in range(2):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    return x


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    divisor = 2**depth
    if any(side is not None and side % divisor for side in input_shape[:2]):
        raise ValueError(f"height and width must be divisible by {divisor}, got {input_shape[:2]}")
    inputs = keras.Input(input_shape)
    x = unet(layers.Rescaling(1 / 255)(inputs), base_filters, depth)
    activation = "sigmoid" if num_classes == 1 else "softmax"
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation=activation)(x))
