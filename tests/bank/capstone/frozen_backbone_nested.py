"""The released backbone, frozen and nested, behind augmentation, with a batch norm of the model's own.
---
assignment = "capstone"
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
    x = layers.RandomFlip()(inputs)
    x = layers.RandomRotation(0.1)(x)
    x = base(x, training=False)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(0.2)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
