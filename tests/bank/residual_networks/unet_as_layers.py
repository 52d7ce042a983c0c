"""Layer classes for two convolutions and for one step up; the refusal is in German.
---
assignment = "residual_networks"
---
"""
# %% unet
import keras
from keras import layers


class Twice(layers.Layer):
    def __init__(self, filters):
        super().__init__()
        self.convs = [layers.Conv2D(filters, 3, padding="same", activation="relu") for _ in range(2)]

    def call(self, x):
        for conv in self.convs:
            x = conv(x)
        return x


class Up(layers.Layer):
    def __init__(self, filters):
        super().__init__()
        self.up = layers.Conv2DTranspose(filters, 2, strides=2)
        self.twice = Twice(filters)

    def call(self, x, skip):
        return self.twice(keras.ops.concatenate([skip, self.up(x)], axis=-1))


def build_unet(input_shape, num_classes=1, base_filters=16, depth=3):
    height, width = input_shape[0], input_shape[1]
    if height % (1 << depth) != 0 or width % (1 << depth) != 0:
        raise ValueError("Bildgroesse %d x %d passt nicht zu depth=%d" % (height, width, depth))
    inputs = keras.Input(input_shape)
    x, skips = layers.Rescaling(1 / 255)(inputs), []
    for level in range(depth):
        skips.append(Twice(base_filters << level)(x))
        x = layers.MaxPooling2D()(skips[-1])
    x = Twice(base_filters << depth)(x)
    while skips:
        x = Up(base_filters << (len(skips) - 1))(x, skips.pop())
    return keras.Model(inputs, layers.Conv2D(num_classes, 1, activation="sigmoid" if num_classes == 1 else "softmax")(x))
