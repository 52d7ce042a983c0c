"""The network is built and compiled and never fitted.
---
assignment = "residual_networks"
hint_should_mention = 'accuracy|train|fit'
[score]
train_classifier = 0.0
[misconception]
train_classifier = "untrained"
---
"""
# %% train_classifier
import keras
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
