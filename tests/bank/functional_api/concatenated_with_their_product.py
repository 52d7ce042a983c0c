"""Beside the two vectors their product is concatenated.
---
assignment = "functional_api"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    x = layers.Conv2D(16, 5, strides=4, activation="relu")(layers.Rescaling(1 / 255)(image))
    x = layers.Dense(16)(layers.GlobalAveragePooling2D()(x))
    y = layers.Dense(16, activation="sigmoid")(layers.Dense(8, activation="relu")(metadata))
    x = layers.Concatenate()([x * y, x, y])
    return keras.Model([image, metadata], layers.Dense(num_classes, activation="softmax")(x))
