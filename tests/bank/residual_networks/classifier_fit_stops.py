"""A misspelt attribute in `fit`: the network is there, untrained, and the error is what there is to say.
---
assignment = "residual_networks"
hint_should_mention = 'has no attribute .lables'
[score]
train_classifier = 0.0
---
"""
# %% train_classifier
trained_classifier = None  # your trained model
train = labkit.scenes("shapes", "train", n=100)
inputs = keras.Input((64, 64, 3))
x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
x = layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False)(x)
x = layers.ReLU()(layers.BatchNormalization()(x))
x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
for filters, strides in ((16, 1), (32, 2), (64, 2)):
    x = residual_block(x, filters, strides=strides)
x = layers.GlobalAveragePooling2D()(x)
trained_classifier = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
epochs, batch_size = 4, 16
rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * len(train) // batch_size)
trained_classifier.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])
trained_classifier.fit(train.images, train.lables, batch_size=batch_size, epochs=epochs, verbose=0)
