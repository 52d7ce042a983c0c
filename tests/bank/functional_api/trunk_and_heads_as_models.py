"""Trunk and heads are models; the outputs' dictionary has the box first; binary cross-entropy for the box.
---
assignment = "functional_api"
---
"""


# %% localizer
def trunk(shape):
    return keras.Sequential(
        [keras.Input(shape), layers.Rescaling(1 / 255)]
        + [layers.SeparableConv2D(f, 3, strides=2, padding="same", activation="relu") for f in (16, 32)],
        name="trunk",
    )


def head(shape, units, activation, name):
    maps = keras.Input(shape)
    x = layers.Dense(16, activation="relu")(layers.Flatten()(layers.MaxPooling2D(2)(maps)))
    return keras.Model(maps, layers.Dense(units, activation=activation)(x), name=name)


def build_localizer(image_shape, num_classes):
    image = keras.Input(image_shape)
    maps = trunk(image_shape)(image)
    what, where = (
        head(maps.shape[1:], units, activation, name)
        for units, activation, name in ((num_classes, "softmax", "what"), (4, "sigmoid", "where"))
    )
    return keras.Model(image, {"box": where(maps), "label": what(maps)})


def compile_localizer(model):
    model.compile(
        optimizer=keras.optimizers.Adam(),
        loss={"box": keras.losses.BinaryCrossentropy(), "label": keras.losses.SparseCategoricalCrossentropy()},
        loss_weights={"box": 2.0, "label": 1.0},
        run_eagerly=False,
    )
