"""The clone gets the weights, but they are copies.
---
assignment = "functional_api"
hint_should_mention = 'copies'
[score]
intermediate_features = [0.5, 0.6]
[misconception]
intermediate_features = "weights_copied"
---
"""


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
