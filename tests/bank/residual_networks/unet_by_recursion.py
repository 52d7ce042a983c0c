"""The U-Net calls itself: each level wraps the level below; sizes that do not fit are refused.
---
assignment = "residual_networks"
---
"""
# %% unet
import keras
from keras import layers


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    divisor = 2**depth
    if any(side is not None and side % divisor for side in input_shape[:2]):
        raise ValueError(f"height and width must be divisible by {divisor}, got {input_shape[:2]}")

    def two_convolutions(x, filters):
        for _ in range(2):
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", kernel_initializer="he_normal")(x)
        return x

    def level(x, filters, below):
        x = two_convolutions(x, filters)
        if below == 0:
            return x
        deep = level(layers.MaxPooling2D()(x), 2 * filters, below - 1)
        up = layers.Conv2DTranspose(filters, 2, strides=2)(deep)
        return two_convolutions(layers.concatenate([x, up]), filters)

    inputs = keras.Input(input_shape)
    x = level(layers.Rescaling(1 / 255)(inputs), base_filters, depth)
    activation = "sigmoid" if num_classes == 1 else "softmax"
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation=activation)(x))
