"""A layer of augmentation whose factor is zero: every image stays as it is.
---
assignment = "capstone"
hint_should_mention = 'factor of 0'
[score]
design = [0.6, 0.8]
[misconception]
design = "augmentation_of_nothing"
---
"""
# %% design
import keras
from keras import layers


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomRotation(0.0)(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.Conv2D(16, 3, strides=2, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = x + layers.Conv2D(16, 3, padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
