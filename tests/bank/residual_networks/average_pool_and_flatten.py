"""Global average pooling as AveragePooling2D over everything that is left, then Flatten.
---
assignment = "residual_networks"
---
"""
# %% residual_network
import keras
from keras import layers


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(shape=input_shape)
    x = layers.Rescaling(1.0 / 255)(inputs)
    x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    for stage, width in enumerate(filters):
        for block in range(blocks_per_stage):
            x = residual_block(x, width, strides=2 if stage > 0 and block == 0 else 1)
    x = layers.AveragePooling2D(pool_size=x.shape[1:3])(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
