"""Sums of three: a shortcut, pooled where the grid is halved, and two bodies.
---
assignment = "residual_networks"
---
"""

# %% train_classifier
import keras
import labkit
from keras import layers

train = labkit.scenes("shapes", "train")


def convolution(x, filters, kernel=3, strides=1):
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=0.9)(x)


inputs = keras.Input((64, 64, 3))
x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
x = layers.ReLU()(convolution(x, 16, 5, 2))
for filters, strides in ((32, 2), (32, 1), (64, 2)):
    shortcut = x if strides == 1 else layers.AveragePooling2D(strides)(x)
    if shortcut.shape[-1] != filters:
        shortcut = convolution(shortcut, filters, 1)
    one = convolution(layers.ReLU()(convolution(x, filters, 3, strides)), filters)
    other = layers.SeparableConv2D(filters, 3, strides=strides, padding="same")(x)
    x = layers.ReLU()(layers.Add()([shortcut, one, other]))
x = layers.GlobalAveragePooling2D()(x)
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
trained_classifier.compile(
    optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 9 * 63)),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
trained_classifier.fit(train.images, train.labels, batch_size=64, epochs=9, verbose=2)
