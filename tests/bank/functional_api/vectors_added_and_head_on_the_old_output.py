"""The two vectors are added; the new layer reads the old classifier's probabilities.
---
assignment = "functional_api"
hint_should_mention = 'added|old classifier'
[score]
two_inputs = [0.76, 0.77]
intermediate_features = [0.7, 0.71]
[misconception]
two_inputs = "summed_instead_of_concatenated"
intermediate_features = "head_on_old_classifier"
---
"""


# %% two_inputs
def build_two_input(image_shape, metadata_dim, num_classes):
    image, metadata = keras.Input(image_shape, name="image"), keras.Input((metadata_dim,), name="metadata")
    x = layers.Rescaling(1 / 255)(image)
    for filters in (16, 32, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    y = layers.Dense(64, activation="relu")(metadata)
    x = layers.Add()([x, y])
    outputs = layers.Dense(num_classes, activation="softmax")(x)
    return keras.Model([image, metadata], outputs)


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.output))
