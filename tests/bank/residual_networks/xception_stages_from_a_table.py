"""Augmentation, network and head are written as one loop over layers; global average pooling keeps its dimensions.
---
assignment = "residual_networks"
---
"""
# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = inputs
    for layer in (
        layers.RandomFlip("horizontal"),
        layers.RandomTranslation(0.1, 0.1),
        layers.Rescaling(1 / 255),
        layers.Conv2D(24, 5, strides=2, padding="same", use_bias=False),
    ):
        x = layer(x)
    for width in (32, 48, 96, 128):
        before = x
        for _ in range(2):
            x = keras.activations.relu(layers.BatchNormalization()(x))
            x = layers.SeparableConv2D(width, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        x = x + layers.Conv2D(width, 1, strides=2, use_bias=False)(before)
    for layer in (
        layers.GlobalAveragePooling2D(keepdims=True),
        layers.Flatten(),
        layers.Dropout(0.4),
        layers.Dense(num_classes),
        layers.Softmax(),
    ):
        x = layer(x)
    return keras.Model(inputs, x)
