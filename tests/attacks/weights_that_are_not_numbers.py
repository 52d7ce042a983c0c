"""All weights of the trained model are NaN, so its accuracy compares as neither too low nor too high.
---
assignment = "residual_networks"
category = "forging"
[score]
train_classifier = 0.0
---
"""
# %% train_classifier
import keras
import numpy as np
from keras import layers


def small_network():
    inputs = keras.Input((64, 64, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(8, 3, strides=2, padding="same")(x)
    x = layers.Add()([x, layers.Conv2D(8, 3, padding="same", activation="relu")(x)])
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(6, activation="softmax")(x))


trained_classifier = small_network()
trained_classifier.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
trained_classifier.set_weights([np.full_like(weight, np.nan) for weight in trained_classifier.get_weights()])
