"""A Normalization layer with given mean and variance stands in for Rescaling.
---
assignment = "residual_networks"
---
"""
# %% residual_network
import keras
from keras import layers


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = layers.Input(shape=input_shape)
    x = layers.Normalization(mean=127.5, variance=64.0**2)(inputs)
    x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    for stage, width in enumerate(filters):
        x = residual_block(x, width, strides=min(stage + 1, 2))
        for _ in range(1, blocks_per_stage):
            x = residual_block(x, width)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.models.Model(inputs=[inputs], outputs=[layers.Dense(num_classes, "softmax")(x)])
