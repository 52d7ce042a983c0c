"""`layers[-2].output` is the penultimate tensor only where the graph is a chain.
---
assignment = "functional_api"
hint_should_mention = 'whatever made it'
[score]
intermediate_features = [0.94, 0.95]
[misconception]
intermediate_features = "head_too_early"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-2].output))
