"""The new layer has no activation.
---
assignment = "functional_api"
hint_should_mention = 'probabilities'
[score]
intermediate_features = [0.88, 0.89]
[misconception]
intermediate_features = "label_not_softmax"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation=None)(model.layers[-1].input))
