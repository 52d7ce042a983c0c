"""Pre-activated blocks whose shortcut is a pooling; contrast and translation as augmentation; unnamed dictionary of settings.
---
assignment = "capstone"
---
"""
# %% design
import keras
from keras import layers


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    settings = {"padding": "same", "use_bias": False}
    x = layers.RandomContrast(0.2)(layers.RandomTranslation(0.1, 0.1)(inputs))
    x = layers.Conv2D(24, 7, strides=4, **settings)(layers.Rescaling(1 / 255)(x))
    y = layers.Activation("relu")(layers.BatchNormalization()(x))
    y = layers.Conv2D(24, 3, strides=2, **settings)(y)
    y = layers.Conv2D(24, 3, **settings)(layers.Activation("relu")(layers.BatchNormalization()(y)))
    x = layers.Add()([layers.AveragePooling2D(2, padding="same")(x), y])
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
