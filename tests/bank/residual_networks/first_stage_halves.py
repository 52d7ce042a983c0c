"""Every stage starts with stride 2, the first one too.
---
assignment = "residual_networks"
[score]
residual_network = [0.45, 0.8]
[misconception]
residual_network = "first_stage_halves"
---
"""
# %% residual_network
import keras
from keras import layers


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    for width in filters:
        x = residual_block(x, width, strides=2)
        for _ in range(blocks_per_stage - 1):
            x = residual_block(x, width)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
