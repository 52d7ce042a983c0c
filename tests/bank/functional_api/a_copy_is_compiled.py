"""A copy of the model is compiled and returned.
---
assignment = "functional_api"
hint_should_mention = 'very object'
[score]
localizer = [0.65, 0.65]
[misconception]
localizer = "not_compiled_in_place"
---
"""


# %% localizer
def build_localizer(image_shape, num_classes):
    inputs = keras.Input(image_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    label, box = layers.Dense(num_classes, activation="softmax")(x), layers.Dense(4, activation="sigmoid")(x)
    return keras.Model(inputs, {"label": label, "box": box})


def compile_localizer(model):
    copy = keras.models.clone_model(model)
    copy.compile("adam", loss={"label": "sparse_categorical_crossentropy", "box": "mse"})
    return copy
