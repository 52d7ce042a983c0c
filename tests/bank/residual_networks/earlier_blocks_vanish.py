"""Each block is applied to the stem's output instead of to the block before it; only the last one is left in the model.
---
assignment = "residual_networks"
[score]
residual_network = [0.25, 0.6]
[misconception]
residual_network = "blocks_left_behind"
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
    for stage, width in enumerate(filters):
        for block in range(blocks_per_stage):
            y = residual_block(x, width, strides=2 if stage > 0 and block == 0 else 1)
    y = layers.GlobalAveragePooling2D()(y)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(y))
