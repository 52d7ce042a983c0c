"""The network is the one of the example; filters and blocks_per_stage are ignored.
---
assignment = "residual_networks"
[score]
residual_network = [0.15, 0.5]
[misconception]
residual_network = "arguments_ignored"
---
"""
# %% residual_network
import keras
from keras import layers


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = residual_block(x, 32)
    x = residual_block(x, 32)
    x = residual_block(x, 64, strides=2)
    x = residual_block(x, 64)
    x = residual_block(x, 128, strides=2)
    x = residual_block(x, 128)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
