"""The metadata are an input that nothing reads; the outputs come in the order of the layers.
---
assignment = "functional_api"
hint_should_mention = 'no way leads|order'
[score]
two_inputs = [0.64, 0.65]
intermediate_features = [0.76, 0.77]
[misconception]
two_inputs = "input_unused"
intermediate_features = "outputs_in_another_order"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model([image, metadata], outputs)


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(
        model.inputs,
        [model.get_layer(name).output for name in [layer.name for layer in model.layers if layer.name in layer_names]],
    )


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
