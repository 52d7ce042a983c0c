"""The trained model has 256 million parameters, a gigabyte to hand over.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "crashed", "out_of_memory"]
[score]
train_classifier = 0.0
---
"""
# %% train_classifier
import keras
from keras import layers

inputs = keras.Input((64, 64, 3))
x = layers.GlobalAveragePooling2D()(inputs)
x = layers.Dense(16_000, kernel_initializer="zeros")(x)
x = layers.Dense(16_000, kernel_initializer="zeros")(x)
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
