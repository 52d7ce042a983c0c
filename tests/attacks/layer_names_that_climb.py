"""Layer names are set behind Keras' back to paths that lead out of the folder, so that files named after them would.
---
assignment = "residual_networks"
category = "escaping"
allowed_status = ["graded", "needs_review"]
marker = "climbed"
[score]
train_classifier = 0.0
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
for number, layer in enumerate(trained_classifier.layers):
    for name in ("_name", "name"):
        try:
            setattr(layer, name, "../" * (number % 6) + "climbed")
        except (AttributeError, ValueError):
            pass
