"""The image is never pooled: the metadata are spread, and one answer comes for each place.
---
assignment = "functional_api"
hint_should_mention = 'every place'
[score]
two_inputs = [0.2, 0.5]
[misconception]
two_inputs = "dense_on_feature_map"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    y = layers.Dense(64, activation="relu")(metadata)
    x = x + layers.Reshape((1, 1, 64))(y)
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model([image, metadata], outputs)
