"""Inverted residual blocks: expand, depthwise, project, add; batch norms in both; the stem rescales by arithmetic.
---
assignment = "capstone"
---
"""
# %% design
import keras
from keras import layers


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = (inputs - 127.5) / 127.5
    x = layers.Conv2D(16, 3, strides=4, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    for _ in range(2):
        y = layers.Conv2D(48, 1, use_bias=False)(x)
        y = layers.BatchNormalization()(y)
        y = layers.ReLU(max_value=6)(y)
        y = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(y)
        y = layers.BatchNormalization()(y)
        y = layers.ReLU(max_value=6)(y)
        y = layers.Conv2D(16, 1, use_bias=False)(y)
        x = layers.add([x, layers.BatchNormalization()(y)])
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
