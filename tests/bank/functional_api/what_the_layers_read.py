"""The layers' inputs, not their outputs.
---
assignment = "functional_api"
hint_should_mention = 'not what they give'
[score]
intermediate_features = [0.76, 0.77]
[misconception]
intermediate_features = "inputs_of_the_layers"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [keras.tree.flatten(model.get_layer(name).input)[0] for name in layer_names])


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
