"""The metadata are spread over the grid and concatenated with the maps.
---
assignment = "functional_api"
hint_should_mention = 'still is a grid'
[score]
two_inputs = [0.52, 0.53]
[misconception]
two_inputs = "concatenated_as_maps"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    y = layers.Dense(16, activation="relu")(metadata)
    y = layers.Reshape((1, 1, 16))(y)
    y = layers.UpSampling2D(x.shape[1:3])(y)
    x = layers.Concatenate()([x, y])
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(64, 3, activation="relu")(x))
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model([image, metadata], outputs)
