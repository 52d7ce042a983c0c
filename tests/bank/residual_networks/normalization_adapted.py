"""A Normalization layer is adapted inside the function, on noise.
---
assignment = "residual_networks"
---
"""
# %% residual_network
import keras
import numpy as np
from keras import layers, ops


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    norm = layers.Normalization()
    norm.adapt(np.random.default_rng(0).integers(0, 256, (8, *input_shape)).astype('float32'))
    inputs = keras.Input(input_shape)
    x = norm(inputs)
    x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    for stage, width in enumerate(filters):
        for block in range(blocks_per_stage):
            x = residual_block(x, width, strides=2 if stage > 0 and block == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(inputs, outputs)
