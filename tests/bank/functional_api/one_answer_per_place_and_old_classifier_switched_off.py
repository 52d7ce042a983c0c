"""The image is never pooled: the metadata are spread, and one answer comes for each place; the last layer of the given model loses its activation.
---
assignment = "functional_api"
hint_should_mention = 'every place|take nothing away'
[score]
two_inputs = [0.47, 0.48]
intermediate_features = [0.82, 0.83]
[misconception]
two_inputs = "dense_on_feature_map"
intermediate_features = "original_changed"
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


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    model.layers[-1].activation = keras.activations.linear
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
