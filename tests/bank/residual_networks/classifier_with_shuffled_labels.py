"""Images are shuffled, labels are not: it was trained, and learnt nothing.
---
assignment = "residual_networks"
hint_should_mention = 'in the same order'
[score]
train_classifier = 0.0
[misconception]
train_classifier = "labels_astray"
---
"""
# %% train_classifier
trained_classifier = None  # your trained model
train = labkit.scenes("shapes", "train", n=1500)
inputs = keras.Input((64, 64, 3))
x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
x = layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False)(x)
x = layers.ReLU()(layers.BatchNormalization()(x))
x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
for filters, strides in ((16, 1), (32, 2), (64, 2)):
    x = residual_block(x, filters, strides=strides)
x = layers.GlobalAveragePooling2D()(x)
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
epochs, batch_size = 2, 16
rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * len(train) // batch_size)
trained_classifier.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
trained_classifier.fit(np.random.default_rng(0).permutation(train.images), train.labels, batch_size=batch_size, epochs=epochs, verbose=0)
