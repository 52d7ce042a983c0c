"""Inputs as a dictionary, pooling by ops.mean, ops.concatenate, metadata through batch norm and two layers.
---
assignment = "functional_api"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    given = {"image": keras.Input(image_shape), "metadata": keras.Input((metadata_dim,))}
    x = keras.ops.cast(given["image"], "float32") / 255
    for filters in (16, 32, 64):
        x = keras.ops.relu(layers.Conv2D(filters, 3, strides=2, padding="same")(x))
    x = keras.ops.mean(x, axis=(1, 2))
    y = layers.BatchNormalization()(given["metadata"])
    y = layers.Dense(8, activation="relu")(layers.Dense(8, activation="relu")(y))
    z = keras.ops.concatenate([y, x], axis=1)
    z = layers.Dropout(0.2)(layers.Dense(24, activation="relu")(z))
    return keras.Model(given, keras.ops.softmax(layers.Dense(num_classes)(z)))
