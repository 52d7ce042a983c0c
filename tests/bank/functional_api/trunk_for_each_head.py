"""Each head has convolutions of its own.
---
assignment = "functional_api"
hint_should_mention = 'nothing is shared'
[score]
localizer = [0.74, 0.76]
[misconception]
localizer = "two_trunks"
---
"""


# %% localizer
def build_localizer(image_shape, num_classes):
    inputs = keras.Input(image_shape)
    ends = {}
    for name, units, activation in (("label", num_classes, "softmax"), ("box", 4, "sigmoid")):
        x = layers.Rescaling(1 / 255)(inputs)
        for filters in (16, 32):
            x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
        ends[name] = layers.Dense(units, activation=activation)(layers.Flatten()(x))
    return keras.Model(inputs, ends)


def compile_localizer(model):
    model.compile("adam", loss={"label": "sparse_categorical_crossentropy", "box": "mse"})
