"""The network gives boxes in pixels: sigmoids times 64.
---
assignment = "functional_api"
hint_should_mention = 'in pixels'
[score]
train_localizer = [0.0, 0.5]
[misconception]
train_localizer = "boxes_in_pixels"
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
    return keras.Model(inputs, {"label": label, "box": 64 * box})


scenes = labkit.scenes("shapes", "train", n=2000)
rate = keras.optimizers.schedules.CosineDecay(0.0, 3 * len(scenes) // 16, warmup_target=2e-3, warmup_steps=100)

trained_localizer = network()
trained_localizer.compile(
    keras.optimizers.Adam(rate),
    loss={"label": "sparse_categorical_crossentropy", "box": "mse"},
    loss_weights={"label": 1, "box": 20 / 64**2},
)
trained_localizer.fit(
    scenes.images, {"label": scenes.labels, "box": 64 * scenes.boxes}, batch_size=16, epochs=3, verbose=0
)
