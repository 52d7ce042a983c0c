"""A plain autoencoder: down and up again, nothing concatenated.
---
assignment = "residual_networks"
hint_should_mention = 'skip'
[score]
unet = [0.55, 0.56]
[misconception]
unet = "unet_without_skips"
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
    for level in range(depth):
        x = layers.Conv2D(base_filters * 2**level, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(base_filters * 2**depth, 3, padding="same", activation="relu")(x)
    for level in reversed(range(depth)):
        x = layers.UpSampling2D()(x)
        x = layers.Conv2D(base_filters * 2**level, 3, padding="same", activation="relu")(x)
    activation = "sigmoid" if num_classes == 1 else "softmax"
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation=activation)(x))
