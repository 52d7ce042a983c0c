"""The metadata are spread over the grid and concatenated with the maps; the new layer reads what the layer before the last one reads.
---
assignment = "functional_api"
hint_should_mention = 'still is a grid|does not read the tensor'
[score]
two_inputs = [0.64, 0.65]
intermediate_features = [0.5, 0.75]
[misconception]
two_inputs = "concatenated_as_maps"
intermediate_features = "head_too_early"
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


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-2].input))
