"""A list of two outputs that go by the names of their layers.
---
assignment = "functional_api"
hint_should_mention = 'dictionary'
[score]
localizer = [0.55, 0.9]
[misconception]
localizer = "outputs_unnamed"
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
    return keras.Model(inputs, [label, box])


def compile_localizer(model):
    model.compile("adam", loss=["sparse_categorical_crossentropy", "mse"])
