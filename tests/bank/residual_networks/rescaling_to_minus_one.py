"""Pixels go to [-1, 1] by Rescaling(1/127.5, offset=-1); input and output carry names.
---
assignment = "residual_networks"
---
"""
# %% residual_network
import keras
from keras import layers


def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    image = keras.Input(input_shape, name="image")
    x = layers.Rescaling(scale=1 / 127.5, offset=-1, name="to_minus_one_and_one")(image)
    x = layers.Conv2D(filters[0], 3, strides=1, padding="same", use_bias=False, name="stem_conv")(x)
    x = layers.BatchNormalization(name="stem_norm")(x)
    x = layers.Activation("relu", name="stem_relu")(x)
    strides = 1
    for width in filters:
        for _ in range(blocks_per_stage):
            x = residual_block(x, width, strides=strides)
            strides = 1
        strides = 2
    x = layers.GlobalAveragePooling2D(keepdims=True)(x)
    x = layers.Flatten()(x)
    return keras.Model(image, layers.Dense(num_classes, activation="softmax", name="class")(x), name="resnet")
