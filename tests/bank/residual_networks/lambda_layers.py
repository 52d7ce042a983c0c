"""Activation, sum, rescaling and average are Lambda layers.
---
assignment = "residual_networks"
---
"""
# %% residual_block
import keras
from keras import layers


def residual_block(x, filters, strides=1):
    relu = keras.activations.relu
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.Lambda(lambda t: relu(t))(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    return layers.Lambda(lambda pair: relu(pair[0] + pair[1]))([y, x])
# %% residual_network
import keras
from keras import layers


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(input_shape)
    x = layers.Lambda(lambda image: image / 255.0)(inputs)
    x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    for stage, width in enumerate(filters):
        for block in range(blocks_per_stage):
            x = residual_block(x, width, strides=2 if stage > 0 and block == 0 else 1)
    x = layers.Lambda(lambda maps: keras.ops.mean(maps, axis=[1, 2]))(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
