"""Trained by a loop of the student's own with a gradient tape; nothing is compiled.
---
assignment = "residual_networks"
---
"""
# %% train_classifier
import keras
import labkit
import numpy as np
import tensorflow as tf
from keras import layers


def block(x, filters, strides):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization(momentum=0.9)(y)
    return layers.ReLU()(y + layers.Conv2D(filters, 1, strides=strides)(x))


pixels = keras.Input((64, 64, 3))
x = layers.Rescaling(1 / 127.5, offset=-1)(pixels)
x = layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False)(x)
x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
x = layers.MaxPooling2D(3, 2, "same")(x)
x = block(block(x, 32, 1), 64, 2)
x = layers.GlobalAveragePooling2D()(x)
trained_classifier = keras.Model(pixels, layers.Dense(6, activation="softmax")(x))

train = labkit.scenes("shapes", "train")
epochs, batch = 9, 64
steps = len(train) // batch
optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(5e-3, epochs * steps))
loss_of = keras.losses.SparseCategoricalCrossentropy()
variables = trained_classifier.trainable_variables
optimizer.build(variables)


@tf.function
def step(images, labels):
    with tf.GradientTape() as tape:
        loss = loss_of(labels, trained_classifier(images, training=True))
    optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return loss


shuffle = np.random.default_rng(3)
for epoch in range(epochs):
    order = shuffle.permutation(len(train))
    losses = [step(train.images[part], train.labels[part]) for part in np.array_split(order, steps)]
    print(epoch, float(np.mean(losses)))
