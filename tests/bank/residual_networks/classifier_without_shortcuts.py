"""A good classifier, but a plain stack of convolutions: nothing is added anywhere.
---
assignment = "residual_networks"
hint_should_mention = 'residual|shortcut'
[score]
train_classifier = [0.3, 0.95]
[misconception]
train_classifier = "no_residual_connection"
---
"""
# %% train_classifier
import keras
import labkit
from keras import layers

train = labkit.scenes("shapes", "train")
trained_classifier = keras.Sequential([keras.Input((64, 64, 3)), layers.Rescaling(1 / 127.5, offset=-1)])
for filters, kernel, strides in ((16, 5, 2), (32, 3, 2), (32, 3, 1), (64, 3, 2), (64, 3, 1)):
    trained_classifier.add(layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False))
    trained_classifier.add(layers.BatchNormalization(momentum=0.9))
    trained_classifier.add(layers.ReLU())
trained_classifier.add(layers.GlobalAveragePooling2D())
trained_classifier.add(layers.Dense(6, activation="softmax"))
trained_classifier.compile(
    optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 9 * 63)),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
trained_classifier.fit(train.images, train.labels, batch_size=64, epochs=9, verbose=2)
