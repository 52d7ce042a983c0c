"""The extractor gives a dictionary by name; the head stands on a model of the features, called on a new input.
---
assignment = "functional_api"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    by_name = {layer.name: layer for layer in model.layers}
    return keras.Model(inputs=model.input, outputs={name: by_name[name].output for name in layer_names})


def add_head(model, num_classes):
    features = keras.Model(model.input, model.layers[-1].input, name="features")
    image = keras.Input(model.input_shape[1:])
    return keras.Model(image, layers.Softmax()(layers.Dense(num_classes, name="fresh")(features(image))))
