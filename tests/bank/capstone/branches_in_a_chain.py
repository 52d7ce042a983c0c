"""Each of the three branches begins at the end of the one before.
---
assignment = "capstone"
[score]
design = [0.4, 0.75]
[misconception]
design = "branches_chained"
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
    a = layers.Conv2D(16, 1, activation="relu")(x)
    b = layers.Conv2D(16, 3, padding="same", activation="relu")(a)
    c = layers.Conv2D(16, 5, padding="same", activation="relu")(b)
    x = layers.Concatenate()([a, b, c])
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
