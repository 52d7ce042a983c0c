"""The dense layer stands on the feature map.
---
assignment = "capstone"
[score]
design = [0.75, 0.9]
[misconception]
design = "dense_on_feature_map"
---
"""
# %% design
import keras
from keras import layers


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = x + layers.Conv2D(16, 3, padding="same")(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
