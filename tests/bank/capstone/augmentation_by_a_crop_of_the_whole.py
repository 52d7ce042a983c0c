"""The augmentation cuts a piece out of the image that is as large as the image.
---
assignment = "capstone"
hint_should_mention = 'by chance'
[score]
design = [0.7, 0.75]
[misconception]
design = "augmentation_of_nothing"
---
"""
# %% design
import keras
from keras import layers


def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.RandomCrop(*input_shape[:2])(inputs)
    x = layers.Rescaling(1 / 255)(x)
    x = layers.MaxPooling2D(2)(layers.Conv2D(16, 5, strides=2, padding="same")(x))
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        y = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.ReLU()(layers.Add()([layers.Conv2D(filters, 3, padding="same")(y), x]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
