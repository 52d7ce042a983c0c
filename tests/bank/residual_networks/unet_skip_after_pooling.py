"""The skips are saved after the pooling and joined before the up-convolution, one level too small each.
---
assignment = "residual_networks"
[score]
unet = [0.55, 0.56]
[misconception]
unet = "unet_skip_after_pooling"
---
"""
# %% unet
import keras
from keras import layers


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    if input_shape[0] % 2**depth or input_shape[1] % 2**depth:
        raise ValueError(f"the size must be divisible by {2**depth}, got {input_shape}")

    def double_conv(x, filters):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        return layers.Conv2D(filters, 3, padding="same", activation="relu")(x)

    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    skips = []
    for level in range(depth):
        x = double_conv(x, base_filters * 2**level)
        x = layers.MaxPooling2D()(x)
        skips.append(x)
    x = double_conv(x, base_filters * 2**depth)
    for level in reversed(range(depth)):
        x = layers.Concatenate()([skips[level], x])
        x = layers.Conv2DTranspose(base_filters * 2**level, 2, strides=2)(x)
        x = double_conv(x, base_filters * 2**level)
    activation = "sigmoid" if num_classes == 1 else "softmax"
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation=activation)(x))
