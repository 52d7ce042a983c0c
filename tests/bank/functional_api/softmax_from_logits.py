"""The loss is told that it gets logits and gets a softmax: Keras unwraps it, so nothing is wrong.
---
assignment = "functional_api"
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
    model.compile("adam", loss={"label": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "box": "mse"})
