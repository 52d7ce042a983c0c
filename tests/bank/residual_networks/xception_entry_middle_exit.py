"""Entry, middle and exit flow in small: strided stem, identity blocks, a hidden dense layer.
---
assignment = "residual_networks"
---
"""
# %% mini_xception
import keras
from keras import layers


def sep(x, filters):
    x = layers.ReLU()(layers.BatchNormalization()(x))
    return layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)


def build_mini_xception(input_shape, num_classes):
    augment = keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomZoom(0.1), layers.RandomBrightness(0.1)])
    inputs = layers.Input(shape=input_shape)
    x = layers.Rescaling(1 / 127.5, offset=-1)(augment(inputs))
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.Conv2D(32, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    for filters in (48, 64, 96):
        x = separable_residual_block(x, filters)
    for _ in range(2):
        x = layers.Add()([x, sep(sep(sep(x, 96), 96), 96)])
    x = separable_residual_block(x, 128)
    x = layers.SeparableConv2D(192, 3, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.SpatialDropout2D(0.1)(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(64, activation="relu")(x)
    x = layers.Dropout(0.3)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x), name="mini_xception")
