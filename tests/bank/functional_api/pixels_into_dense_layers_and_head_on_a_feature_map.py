"""No convolution: pixels go straight into a dense layer; the new layer reads the last convolution's maps.
---
assignment = "functional_api"
hint_should_mention = 'neighbourhoods|does not read the tensor'
[score]
two_inputs = [0.88, 0.89]
intermediate_features = [0.4, 0.8]
[misconception]
two_inputs = "no_convolution"
intermediate_features = "head_too_early"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    x = layers.Rescaling(1 / 255)(image)
    x = layers.AveragePooling2D(4)(x)
    x = layers.Dense(64, activation="relu")(layers.Flatten()(x))
    y = layers.Dense(16, activation="relu")(metadata)
    x = layers.Concatenate()([x, y])
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model([image, metadata], outputs)


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    return keras.Model(
        model.inputs,
        layers.Dense(num_classes, activation="softmax")(
            [layer for layer in model.layers if len(layer.output.shape) == 4][-1].output
        ),
    )
