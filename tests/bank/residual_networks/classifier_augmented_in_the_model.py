"""Augmentation as layers of the model: the other place, and just as right.
---
assignment = "residual_networks"
---
"""
# %% train_classifier
train = labkit.scenes("shapes", "train")
validation = labkit.scenes("shapes", "validation", n=500)
epochs, batch_size = 5, 16

inputs = keras.Input((64, 64, 3))
x = layers.RandomFlip("horizontal_and_vertical")(inputs)
x = layers.Rescaling(1 / 127.5, offset=-1)(x)
x = layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False)(x)
x = layers.ReLU()(layers.BatchNormalization()(x))
x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
for filters, strides in ((16, 1), (32, 2), (64, 2)):
    x = residual_block(x, filters, strides=strides)
x = layers.GlobalAveragePooling2D()(x)
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
steps = epochs * len(train) // batch_size
trained_classifier.compile(
    optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
trained_classifier.fit(
    train.images,
    train.labels,
    batch_size=batch_size,
    epochs=epochs,
    validation_data=(validation.images, validation.labels),
    verbose=2,
)
