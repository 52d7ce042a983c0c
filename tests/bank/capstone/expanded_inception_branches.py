"""Branches that fork again at their ends, as in Inception v3, three of them apart; batch norm after a bias; augmentation after rescaling.
---
assignment = "capstone"
---
"""
# %% design
import keras
from keras import layers


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.RandomTranslation(0.1, 0.1)(x)
    x = layers.Conv2D(16, 3, strides=4, padding="same")(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    one = layers.Conv2D(8, 1, activation="relu")(x)
    wide = layers.Conv2D(8, 1, activation="relu")(x)
    across, down = layers.Conv2D(8, (1, 3), padding="same")(wide), layers.Conv2D(8, (3, 1), padding="same")(wide)
    pooled = layers.Conv2D(8, 1)(layers.MaxPooling2D(3, strides=1, padding="same")(x))
    x = keras.ops.concatenate([one, across, down, pooled], axis=-1)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
