"""A convolution with as many groups as channels and a 1×1 one stand for a separable one; noise as augmentation.
---
assignment = "capstone"
---
"""
# %% design
import keras
from keras import layers


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(scale=1.0 / 255)(inputs)
    x = layers.GaussianNoise(0.05)(x)
    x = layers.Conv2D(16, 5, strides=4, padding="same")(x)
    x = layers.Conv2D(16, 3, padding="same", groups=16, use_bias=False)(x)
    x = layers.Conv2D(32, 1, use_bias=False)(x)
    x = layers.BatchNormalization(axis=3)(x)
    x = layers.ELU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
