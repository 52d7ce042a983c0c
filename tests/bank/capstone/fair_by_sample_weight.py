"""Nothing is resampled: night scenes weigh more in the loss, and each image is standardised by operations.
---
assignment = "capstone"
---
"""
# %% fair_model
import keras
import labkit
import numpy as np
from keras import layers

train = labkit.scenes("biased", "train")


def network(first):
    images = keras.Input((64, 64, 3))
    x = first(images)
    for width, size, step in ((16, 5, 2), (32, 3, 1), (64, 3, 1), (64, 3, 1)):
        x = layers.Conv2D(width, size, strides=step, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x))
        x = layers.MaxPooling2D()(x) if x.shape[1] > 8 else x
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(images, layers.Dense(6, activation="softmax")(x))
    steps = 6 * len(train) // 16
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)), "sparse_categorical_crossentropy"
    )
    return model


mirrored = np.concatenate([train.images, train.images[:, :, ::-1]])
labels, groups = np.tile(train.labels, 2), np.tile(train.groups, 2)


def standardised(x):
    mean = keras.ops.mean(x, axis=(1, 2, 3), keepdims=True)
    return (x - mean) / (keras.ops.std(x, axis=(1, 2, 3), keepdims=True) + 1.0)


fair_model = network(standardised)
fair_model.fit(mirrored, labels, sample_weight=np.where(groups == 1, 4.0, 1.0), batch_size=16, epochs=3, verbose=0)
