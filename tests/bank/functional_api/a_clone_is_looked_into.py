"""Both functions work on a clone of the model.
---
assignment = "functional_api"
hint_should_mention = 'copies'
[score]
intermediate_features = [0.29, 0.3]
[misconception]
intermediate_features = "weights_copied"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    model = keras.models.clone_model(model)
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    model = keras.models.clone_model(model)
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
