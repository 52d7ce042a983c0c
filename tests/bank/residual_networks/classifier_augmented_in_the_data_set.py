"""Augmentation in the data set, `dataset.map`, and none in the model: the text leaves the place open.
---
assignment = "residual_networks"
---
"""
# %% train_classifier
import tensorflow as tf

train = labkit.scenes("shapes", "train")
validation = labkit.scenes("shapes", "validation", n=500)
epochs, batch_size = 5, 16
flips = [layers.RandomFlip("horizontal_and_vertical")]


def augmented(images, labels):
    for layer in flips:
        images = layer(images)
    return images, labels


batches = tf.data.Dataset.from_tensor_slices((train.images, train.labels)).shuffle(4000, seed=1).batch(batch_size)
batches = batches.map(augmented, num_parallel_calls=2).prefetch(tf.data.AUTOTUNE)

inputs = keras.Input((64, 64, 3))
x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
x = layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False)(x)
x = layers.ReLU()(layers.BatchNormalization()(x))
x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
for filters, strides in ((16, 1), (32, 2), (64, 2)):
    x = residual_block(x, filters, strides=strides)
x = layers.GlobalAveragePooling2D()(x)
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
trained_classifier.compile(
    optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, epochs * len(batches))),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
trained_classifier.fit(batches, epochs=epochs, validation_data=(validation.images, validation.labels), verbose=2)
