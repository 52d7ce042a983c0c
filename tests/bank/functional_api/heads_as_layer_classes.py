"""Heads are layers of the student's own class, named, in a list; no rescaling.
---
assignment = "functional_api"
---
"""


# %% localizer
class Head(layers.Layer):
    def __init__(self, units, activation, **kwargs):
        super().__init__(**kwargs)
        self.pool, self.last = layers.Flatten(), layers.Dense(units, activation=activation)

    def call(self, x):
        return self.last(self.pool(x))


def build_localizer(image_shape, num_classes):
    inputs = x = keras.Input(image_shape)
    for filters in (8, 16):
        x = layers.MaxPooling2D(2)(layers.Conv2D(filters, 3, padding="same", activation="relu")(x))
    heads = [Head(num_classes, "softmax", name="label"), Head(4, "sigmoid", name="box")]
    return keras.Model(inputs, [head(x) for head in heads])


def compile_localizer(model):
    model.compile("adam", loss={"label": "sparse_categorical_crossentropy", "box": "mse"})
