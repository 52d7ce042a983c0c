"""The outputs come in the order of the layers.
---
assignment = "functional_api"
hint_should_mention = 'order'
[score]
intermediate_features = [0.76, 0.77]
[misconception]
intermediate_features = "outputs_in_another_order"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(
        model.inputs,
        [model.get_layer(name).output for name in [layer.name for layer in model.layers if layer.name in layer_names]],
    )


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
