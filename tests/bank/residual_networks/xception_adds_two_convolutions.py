"""A separable and a plain convolution side by side are added: nothing goes around.
---
assignment = "residual_networks"
[score]
mini_xception = [0.5, 0.8]
[misconception]
mini_xception = "no_residual_connection"
---
"""

# %% mini_xception
import keras
from keras import layers


def build_mini_xception(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(16, 3, padding="same", use_bias=False)(x)
    for filters in (16, 32, 48, 64):
        x = layers.ReLU()(layers.BatchNormalization()(x))
        fine = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(x)
        fine = layers.MaxPooling2D(3, strides=2, padding="same")(fine)
        coarse = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.Add()([fine, coarse])
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.4)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
