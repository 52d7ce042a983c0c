"""The stem is the paper's for ImageNet: 7×7 with stride 2 and a max pooling.
---
assignment = "residual_networks"
[score]
residual_network = [0.5, 0.85]
---
"""
# %% residual_network
import keras
from keras import layers


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(filters[0], 7, strides=2, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
    for stage, width in enumerate(filters):
        for block in range(blocks_per_stage):
            x = residual_block(x, width, strides=2 if stage > 0 and block == 0 else 1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
