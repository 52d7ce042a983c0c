"""uint8 in, keras.ops as activations, losses in the alphabetical order of the names.
---
assignment = "functional_api"
---
"""


# %% localizer
def build_localizer(image_shape, num_classes):
    inputs = keras.Input(image_shape, dtype="uint8")
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.Conv2D(16, 3, 2, "same", activation=keras.ops.relu)(x)
    x = layers.Conv2D(16, 3, 2, "same", activation=keras.ops.silu)(x)
    label = layers.Activation(keras.ops.softmax)(layers.Dense(num_classes)(layers.GlobalAveragePooling2D()(x)))
    box = layers.Activation(keras.ops.sigmoid)(layers.Dense(4)(layers.Flatten()(x)))
    return keras.Model(inputs, {"label": label, "box": box})


def compile_localizer(model):
    model.compile(loss=["mse", "sparse_categorical_crossentropy"], metrics=["mae", "accuracy"])
