"""keras.Model is told of the image only; the clone gets the weights, but they are copies.
---
assignment = "functional_api"
hint_should_mention = 'not told of|copies'
[score]
two_inputs = [0, 0]
intermediate_features = [0.5, 0.6]
[misconception]
two_inputs = "input_not_given"
intermediate_features = "weights_copied"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    y = layers.Dense(16, activation="relu")(metadata)
    x = layers.Concatenate()([x, y])
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model(image, outputs)


# %% intermediate_features
def feature_extractor(model, layer_names):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    model = copy
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    model = copy
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
