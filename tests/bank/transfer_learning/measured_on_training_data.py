"""Fine-tuned well; the accuracies are those on the pictures it learnt from.
---
assignment = "transfer_learning"
hint_should_mention = 'typed in by hand'
[score]
fine_tuned = [0.85, 0.93]
[misconception]
fine_tuned = "measured_elsewhere"
---
"""
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
    return top.evaluate(stored, train.labels, verbose=0)[1]


accuracies = {"scratch": 0.3, "features": 1.0, "frozen": train_top(5e-3, 30)}
for layer in own.layers:
    if layer.name in ("block4_conv1", "block4_conv2"):
        layer.trainable = True
accuracies["fine_tuned"] = train_top(5e-4, 12)
fine_tuned_model = keras.Model(own.input, top(low.output))
