"""The inputs have no names; both functions work on a clone of the model.
---
assignment = "functional_api"
hint_should_mention = 'name|copies'
[score]
two_inputs = [0.7, 0.71]
intermediate_features = [0.29, 0.3]
[misconception]
two_inputs = "inputs_unnamed"
intermediate_features = "weights_copied"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape), keras.Input((metadata_dim,))
    x = layers.Rescaling(1 / 255)(image)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    y = layers.Dense(16, activation="relu")(metadata)
    x = layers.Concatenate()([x, y])
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model([image, metadata], outputs)


# %% intermediate_features
def feature_extractor(model, layer_names):
    model = keras.models.clone_model(model)
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    model = keras.models.clone_model(model)
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
