"""What fit returns is kept, not the model.
---
assignment = "functional_api"
hint_should_mention = 'History that `fit` returns'
[score]
train_localizer = 0.0
---
"""


# %% train_localizer
def network():
    inputs = keras.Input((64, 64, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(inputs)
    x = layers.Conv2D(16, 5, strides=2, padding="same", use_bias=False)(x)
    x = layers.MaxPooling2D(2)(layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x)))
    for filters, pool in ((32, 1), (48, 2), (64, 2)):
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = layers.MaxPooling2D(pool)(layers.ReLU()(layers.BatchNormalization(momentum=0.9)(x)))
    label = layers.Dense(6, activation="softmax", name="label")(layers.GlobalAveragePooling2D()(x))
    where = layers.Dense(64, activation="relu")(layers.Flatten()(x))
    box = layers.Dense(4, activation="sigmoid", name="box")(where)
    return keras.Model(inputs, {"label": label, "box": box})


scenes = labkit.scenes("shapes", "train", n=64)
model = network()
model.compile("adam", loss={"label": "sparse_categorical_crossentropy", "box": "mse"})
trained_localizer = model.fit(scenes.images, {"label": scenes.labels, "box": scenes.boxes}, epochs=1, verbose=0)
