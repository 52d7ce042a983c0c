"""Two convolutions side by side are added, so nothing goes around them; augmentation and batch norm are there.
---
assignment = "capstone"
[score]
design = [0.4, 0.75]
[misconception]
design = "nothing_goes_around"
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
    for filters in (16, 32):
        small = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
        large = layers.Conv2D(filters, 5, strides=2, padding="same", activation="relu")(x)
        x = layers.Add()([small, large])
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
