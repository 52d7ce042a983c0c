"""Trained from a tf.data pipeline with EarlyStopping; the model is as large as the cap allows.
---
assignment = "residual_networks"
---
"""
# %% train_classifier
import keras
import labkit
import tensorflow as tf
from keras import layers


def block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization(momentum=0.9)(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization(momentum=0.9)(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    return layers.ReLU()(layers.Add()([y, x]))


train = labkit.scenes("shapes", "train")
validation = labkit.scenes("shapes", "validation", n=500)
batches = tf.data.Dataset.from_tensor_slices((train.images, train.labels)).cache()
batches = batches.shuffle(4000, seed=1).batch(64).prefetch(tf.data.AUTOTUNE)

inputs = keras.Input((64, 64, 3), dtype="uint8", name="pixels")
x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
x = layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False)(x)
x = layers.BatchNormalization(momentum=0.9)(x)
x = layers.Activation("relu")(x)
x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
for filters, strides in ((32, 1), (64, 2), (96, 2)):
    x = block(x, filters, strides)
x = layers.GlobalAveragePooling2D()(x)
x = layers.Dense(112, activation="relu")(x)
x = layers.Dropout(0.2)(x)
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x), name="just_below_the_cap")
trained_classifier.compile(
    optimizer=keras.optimizers.AdamW(keras.optimizers.schedules.CosineDecay(4e-3, 9 * len(batches)), weight_decay=1e-3),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
trained_classifier.fit(
    batches,
    epochs=9,
    validation_data=(validation.images, validation.labels),
    callbacks=[keras.callbacks.EarlyStopping("val_accuracy", patience=5, restore_best_weights=True)],
    verbose=2,
)
