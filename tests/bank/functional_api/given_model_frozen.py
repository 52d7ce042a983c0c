"""The given model is frozen along with the new one.
---
assignment = "functional_api"
hint_should_mention = 'sets it there'
[score]
intermediate_features = [0.82, 0.83]
[misconception]
intermediate_features = "original_frozen"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    return keras.Model(model.inputs, [model.get_layer(name).output for name in layer_names])


def add_head(model, num_classes):
    model.trainable = False
    return keras.Model(model.inputs, layers.Dense(num_classes, activation="softmax")(model.layers[-1].input))
