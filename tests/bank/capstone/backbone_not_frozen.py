"""The backbone trains with the rest: no frozen base, and the third feature is missing.
---
assignment = "capstone"
[score]
design = [0.4, 0.75]
[misconception]
design = "base_not_frozen"
---
"""
# %% design
import keras
import labkit
from keras import layers


def build_model(input_shape, num_classes):
    base = labkit.backbone()
    inputs = keras.Input(input_shape)
    x = base(layers.RandomFlip("horizontal")(inputs), training=False)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
