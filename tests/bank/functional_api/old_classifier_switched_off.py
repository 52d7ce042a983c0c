"""The last layer of the given model loses its activation.
---
assignment = "functional_api"
hint_should_mention = 'take nothing away'
[score]
intermediate_features = [0.82, 0.83]
[misconception]
intermediate_features = "original_changed"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    model.layers[-1].activation = keras.activations.linear
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
