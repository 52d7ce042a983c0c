"""The outputs are called `classes` and `corners`: code that trains for `label` and `box` finds neither.
---
assignment = "functional_api"
hint_should_mention = 'keys `label` and `box`'
[score]
localizer = [0.8, 0.9]
train_localizer = 0.0
[misconception]
localizer = "outputs_unnamed"
---
"""
# %% localizer
def build_localizer(image_shape, num_classes):
    image = keras.Input(image_shape)
    x = layers.Rescaling(1 / 255)(image)
    for filters in (16, 32, 48, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    classes = layers.Dense(num_classes, activation="softmax")(x)
    corners = layers.Dense(4, activation="sigmoid")(x)
    return keras.Model(image, {"classes": classes, "corners": corners})


def compile_localizer(model):
    model.compile("adam", loss={"classes": "sparse_categorical_crossentropy", "corners": "mse"})
