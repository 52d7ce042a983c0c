"""A convolution runs over the metadata's numbers, which have no neighbours: it sees not the image only.
---
assignment = "functional_api"
[score]
two_inputs = [0.8, 0.9]
[misconception]
two_inputs = "metadata_convolved"
---
"""
# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image = keras.Input(image_shape, name="image")
    x = layers.Rescaling(1 / 255)(image)
    x = layers.MaxPooling2D(4)(layers.Conv2D(16, 3, padding="same", activation="relu")(x))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(32, 3, padding="same", activation="relu")(x))
    metadata = keras.Input((metadata_dim,), name="metadata")
    y = layers.Flatten()(layers.Conv1D(4, 2, padding="same", activation="relu")(layers.Reshape((-1, 1))(metadata)))
    both = layers.Concatenate()([x, y])
    return keras.Model([image, metadata], layers.Dense(num_classes, activation="softmax")(both))
