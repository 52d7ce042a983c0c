"""A residual block of depthwise and pointwise convolutions as a Layer subclass; classifier and softmax apart.
---
assignment = "capstone"
---
"""
# %% design
import keras
from keras import layers


class Block(layers.Layer):
    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.deep = layers.DepthwiseConv2D(3, padding="same", use_bias=False)
        self.norm = layers.BatchNormalization()
        self.mix = layers.Conv2D(filters, 1)
        self.way = layers.Conv2D(filters, 1)

    def call(self, x):
        y = self.mix(keras.ops.relu(self.norm(self.deep(x))))
        return keras.ops.add(y, self.way(x))


def build_model(input_shape, num_classes):
    pixels = keras.Input(shape=input_shape, name="pixels")
    x = pixels / 255.0
    x = layers.Conv2D(24, 5, strides=4, padding="same", activation="relu")(x)
    for filters in (32, 48):
        x = layers.MaxPooling2D()(Block(filters)(x))
    x = layers.Dense(num_classes)(layers.Flatten()(layers.GlobalMaxPooling2D()(x)))
    return keras.Model(inputs=pixels, outputs=layers.Softmax()(x))
