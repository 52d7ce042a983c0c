"""Fitted on pixels divided by 255: raw ones are beyond it.
---
assignment = "capstone"
[score]
fair_model = [0.0, 0.6]
[misconception]
fair_model = "scaled_outside"
---
"""
# %% fair_model
import keras
import labkit
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


fair_model = network(lambda x: layers.Conv2D(8, 1, activation="tanh")(x))
fair_model.fit(train.images.astype("float32") / 255, train.labels, batch_size=16, epochs=6, verbose=0)
