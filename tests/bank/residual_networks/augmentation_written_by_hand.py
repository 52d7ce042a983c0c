"""A layer of the student's own shifts the brightness in training, with keras.random.
---
assignment = "residual_networks"
---
"""
# %% mini_xception
import keras
from keras import layers


class Brightness(layers.Layer):
    def __init__(self, spread):
        super().__init__()
        self.spread = spread
        self.seeds = keras.random.SeedGenerator(1)

    def call(self, images, training=None):
        if not training:
            return images
        shift = keras.random.uniform((keras.ops.shape(images)[0], 1, 1, 1), -self.spread, self.spread, seed=self.seeds)
        return images + shift


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = Brightness(20.0)(inputs)
    x = layers.RandomFlip("horizontal")(x)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    for filters in (32, 64, 128, 256):
        x = separable_residual_block(x, filters)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
