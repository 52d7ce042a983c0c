"""A large grid is flattened into a dense layer; the given model is frozen along with the new one.
---
assignment = "functional_api"
hint_should_mention = 'too many parameters|sets it there'
[score]
two_inputs = [0.88, 0.89]
intermediate_features = [0.82, 0.83]
[misconception]
two_inputs = "over_parameter_cap"
intermediate_features = "original_frozen"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Dense(128, activation="relu")(layers.Flatten()(x))
    y = layers.Dense(16, activation="relu")(metadata)
    x = layers.Concatenate()([x, y])
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model([image, metadata], outputs)


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    model.trainable = False
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
