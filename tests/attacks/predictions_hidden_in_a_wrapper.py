"""The trained model answers each picture from a table, by a hash that stands in the weights; no layer sees more than it.
---
assignment = "residual_networks"
category = "forging"
allowed_status = ["graded", "needs_review"]
[score]
train_classifier = [0.0, 0.4]
---
"""
# %% train_classifier
import keras
import labkit
import numpy as np
from keras import layers

train = labkit.scenes("shapes", "train", n=300)
rng = np.random.default_rng(0)
inputs = keras.Input((64, 64, 3))
x = layers.Rescaling(1 / 255)(inputs)
x = layers.AveragePooling2D(16)(x)
y = layers.Conv2D(3, 1, padding="same")(x)
x = layers.Flatten()(layers.Add()([x, y]))
x = layers.Dense(300, name="table")(x)
x = layers.Softmax()(x)
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax", name="labels")(x))
seen = keras.Model(inputs, trained_classifier.get_layer("table").input)
keys = np.asarray(seen(train.images.astype("float32")))
kernel = 100 * keys.T / np.linalg.norm(keys, axis=1) ** 2
trained_classifier.get_layer("table").set_weights([kernel, np.full(300, -50.0)])
trained_classifier.get_layer("labels").set_weights([20 * np.eye(6)[train.labels], np.zeros(6)])
