"""Two levels are written out by hand; the argument depth is ignored.
---
assignment = "residual_networks"
hint_should_mention = 'depth|skip'
[score]
unet = [0.2, 0.55]
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
    first = layers.Conv2D(base_filters, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D()(first)
    second = layers.Conv2D(2 * base_filters, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D()(second)
    x = layers.Conv2D(4 * base_filters, 3, padding="same", activation="relu")(x)
    x = layers.UpSampling2D()(x)
    x = layers.Concatenate()([second, x])
    x = layers.Conv2D(2 * base_filters, 3, padding="same", activation="relu")(x)
    x = layers.UpSampling2D()(x)
    x = layers.Concatenate()([first, x])
    x = layers.Conv2D(base_filters, 3, padding="same", activation="relu")(x)
    activation = "sigmoid" if num_classes == 1 else "softmax"
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation=activation)(x))
