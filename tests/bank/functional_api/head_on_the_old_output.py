"""The new layer reads the old classifier's probabilities.
---
assignment = "functional_api"
hint_should_mention = 'old classifier'
[score]
intermediate_features = [0.7, 0.71]
[misconception]
intermediate_features = "head_on_old_classifier"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.output))
