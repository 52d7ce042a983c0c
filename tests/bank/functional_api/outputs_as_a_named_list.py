"""A list of outputs whose last layers have the names, the box first; losses by name, as objects.
---
assignment = "functional_api"
---
"""


# %% localizer
def build_localizer(image_shape, num_classes):
    inputs = keras.Input(image_shape, name="pixels")
    x = layers.Rescaling(1 / 255)(inputs)
    for filters in (16, 32, 48):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    box = layers.Activation("sigmoid", name="box")(layers.Dense(4)(x))
    label = layers.Softmax(name="label")(layers.Dense(num_classes)(x))
    return keras.Model(inputs, [box, label])


def compile_localizer(model):
    return model.compile(
        keras.optimizers.SGD(0.01, momentum=0.9),
        loss={"box": keras.losses.Huber(), "label": keras.losses.SparseCategoricalCrossentropy()},
        metrics={"label": ["accuracy"]},
    )
