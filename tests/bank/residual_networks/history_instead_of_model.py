"""`trained_classifier = model.fit(...)` keeps the history, not the model.
---
assignment = "residual_networks"
hint_should_mention = 'history|model'
[score]
train_classifier = 0.0
---
"""
# %% train_classifier
import keras
import labkit
from keras import layers


def small_network():
    inputs = keras.Input((64, 64, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(8, 3, strides=2, padding="same")(x)
    x = layers.Add()([x, layers.Conv2D(8, 3, padding="same", activation="relu")(x)])
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(6, activation="softmax")(x))


few = labkit.scenes("shapes", "train", n=64)
network = small_network()
network.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
trained_classifier = network.fit(few.images, few.labels, epochs=1, verbose=0)
