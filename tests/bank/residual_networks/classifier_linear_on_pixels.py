"""One dense layer on the pixels: trained, and still far from the threshold.
---
assignment = "residual_networks"
hint_should_mention = 'No convolution lies between'
[score]
train_classifier = 0.0
[misconception]
train_classifier = "no_convolution"
---
"""
# %% train_classifier
import keras
import labkit
from keras import layers

some = labkit.scenes("shapes", "train", n=1000)
trained_classifier = keras.Sequential(
    [
        keras.Input((64, 64, 3)),
        layers.Rescaling(1 / 255),
        layers.Flatten(),
        layers.Dense(6, activation="softmax"),
    ]
)
trained_classifier.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
trained_classifier.fit(some.images, some.labels, epochs=3, verbose=0)
