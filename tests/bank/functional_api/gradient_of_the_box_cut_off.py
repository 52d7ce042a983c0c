"""The box reads the trunk through stop_gradient.
---
assignment = "functional_api"
hint_should_mention = 'Nothing is frozen'
[score]
localizer = [0.9, 0.9]
[misconception]
localizer = "gradient_cut_off"
---
"""


# %% localizer
def build_localizer(image_shape, num_classes):
    inputs = keras.Input(image_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    label, box = (
        layers.Dense(num_classes, activation="softmax")(x),
        layers.Dense(4, activation="sigmoid")(keras.ops.stop_gradient(x)),
    )
    return keras.Model(inputs, {"label": label, "box": box})


def compile_localizer(model):
    model.compile("adam", loss={"label": "sparse_categorical_crossentropy", "box": "mse"})
