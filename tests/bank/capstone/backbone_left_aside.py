"""The frozen backbone describes the images, and the classifier never hears of it.
---
assignment = "capstone"
[score]
design = [0.4, 0.75]
[misconception]
design = "frozen_base_not_connected"
---
"""
# %% design
import keras
import labkit
from keras import layers


def build_model(input_shape, num_classes):
    base = labkit.backbone()
    base.trainable = False
    inputs = keras.Input(input_shape)
    x = layers.RandomFlip("horizontal")(inputs)
    described = base(x)
    x = layers.Conv2D(16, 3, strides=4, use_bias=False)(layers.Rescaling(1 / 255)(x))
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
