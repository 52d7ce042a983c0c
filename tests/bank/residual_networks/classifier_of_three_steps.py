"""Trained for three steps: nothing could be learnt in them.
---
assignment = "residual_networks"
hint_should_mention = 'were there enough steps'
[score]
train_classifier = 0.0
[misconception]
train_classifier = "learnt_nothing"
---
"""
# %% train_classifier
import keras
import labkit
from keras import layers

some = labkit.scenes("shapes", "train", n=96)
inputs = keras.Input((64, 64, 3))
x = layers.Rescaling(1 / 255)(inputs)
x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(x)
y = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
x = layers.Add()([x, layers.Conv2D(16, 3, padding="same")(y)])
x = layers.GlobalAveragePooling2D()(layers.ReLU()(x))
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
trained_classifier.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
trained_classifier.fit(some.images, some.labels, batch_size=32, epochs=1, verbose=0)
