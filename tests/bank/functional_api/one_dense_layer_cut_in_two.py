"""One dense layer gives both answers and is cut in two.
---
assignment = "functional_api"
hint_should_mention = 'one layer'
[score]
localizer = [0.79, 0.81]
[misconception]
localizer = "one_layer_for_both_heads"
---
"""


# %% localizer
def build_localizer(image_shape, num_classes):
    inputs = keras.Input(image_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Dense(num_classes + 4)(layers.Flatten()(x))
    label, box = keras.ops.softmax(x[:, :num_classes]), keras.ops.sigmoid(x[:, num_classes:])
    return keras.Model(inputs, {"label": label, "box": box})


def compile_localizer(model):
    model.compile("adam", loss={"label": "sparse_categorical_crossentropy", "box": "mse"})
