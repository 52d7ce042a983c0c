"""Only the training cell is handed in; the block that it builds its network of is an earlier task's.
---
assignment = "residual_networks"
---
"""
# %% train_classifier
seen = labkit.scenes("shapes", "train")


def network(widths):
    image = keras.Input(seen.images.shape[1:])
    x = layers.Conv2D(16, 5, strides=2, padding="same", activation="relu")(layers.Rescaling(1 / 255)(image))
    x = layers.MaxPooling2D()(layers.BatchNormalization()(x))
    for width in widths:
        x = residual_block(x, width, strides=1 if x.shape[-1] == width else 2)
    return keras.Model(image, layers.Dense(6, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


trained_classifier = network([16, 32, 64])
trained_classifier.compile("adam", "sparse_categorical_crossentropy")
for rate in (2e-3, 2e-3, 1e-3, 4e-4, 1e-4):
    trained_classifier.optimizer.learning_rate = rate
    trained_classifier.fit(seen.images, seen.labels, batch_size=16, verbose=0)
