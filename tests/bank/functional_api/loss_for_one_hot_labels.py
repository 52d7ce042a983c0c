"""The loss of the label expects one-hot vectors.
---
assignment = "functional_api"
hint_should_mention = 'whole numbers'
[score]
localizer = [0.75, 0.75]
[misconception]
localizer = "loss_needs_one_hot"
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
    model.compile("adam", loss={"label": "categorical_crossentropy", "box": "mse"})
