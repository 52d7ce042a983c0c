"""The new layer reads what the layer before the last one reads.
---
assignment = "functional_api"
hint_should_mention = 'does not read the tensor'
[score]
intermediate_features = [0.5, 0.75]
[misconception]
intermediate_features = "head_too_early"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-2].input))
