"""The last layer has no activation; the new layer has no activation.
---
assignment = "functional_api"
hint_should_mention = 'add up to 1|probabilities'
[score]
two_inputs = [0.88, 0.89]
intermediate_features = [0.88, 0.89]
[misconception]
two_inputs = "label_not_softmax"
intermediate_features = "label_not_softmax"
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
    outputs = layers.Dense(num_classes)(x)
    return keras.Model([image, metadata], outputs)


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation=None)(model.layers[-1].input))
