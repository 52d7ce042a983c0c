"""The metadata are concatenated as they are; the layers' inputs, not their outputs.
---
assignment = "functional_api"
hint_should_mention = 'dense layer of their own|not what they give'
[score]
two_inputs = [0.76, 0.77]
intermediate_features = [0.76, 0.77]
[misconception]
two_inputs = "metadata_not_processed"
intermediate_features = "inputs_of_the_layers"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Concatenate()([x, metadata])
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model([image, metadata], outputs)


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [keras.tree.flatten(model.get_layer(name).input)[0] for name in layer_names])


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
