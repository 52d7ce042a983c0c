"""`build_resnet` returns an instance of a keras.Model subclass whose __init__ builds the functional graph.
---
assignment = "residual_networks"
---
"""
# %% residual_network
import keras
from keras import layers


class ResNet(keras.Model):
    def __init__(self, input_shape, num_classes, filters, blocks_per_stage):
        inputs = keras.Input(input_shape)
        x = layers.Rescaling(1 / 255)(inputs)
        x = layers.Conv2D(filters[0], 3, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
        x = layers.ReLU()(x)
        for stage, width in enumerate(filters):
            for block in range(blocks_per_stage):
                x = residual_block(x, width, strides=2 if stage and not block else 1)
        x = layers.GlobalAveragePooling2D()(x)
        super().__init__(inputs=inputs, outputs=layers.Dense(num_classes, activation="softmax")(x))


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    return ResNet(input_shape, num_classes, filters, blocks_per_stage)
