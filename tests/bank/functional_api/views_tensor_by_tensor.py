"""One output alone where one is asked for; inputs in a dictionary; dropout before the new layer, flags put back.
---
assignment = "functional_api"
---
"""


# %% intermediate_features
def feature_extractor(model, layer_names):
    tensors = tuple(model.get_layer(name).output for name in layer_names)
    return keras.Model({"image": model.inputs[0]}, tensors if len(tensors) > 1 else tensors[0])


def add_head(model, num_classes):
    flags = [layer.trainable for layer in model.layers]
    model.trainable = False
    last = next(layer for layer in reversed(model.layers) if layer.weights)
    x = layers.Dropout(0.25)(last.input)
    new = keras.Model(model.inputs[0], keras.ops.softmax(layers.Dense(num_classes, kernel_initializer="zeros")(x)))
    model.trainable = True
    for layer, flag in zip(model.layers, flags):
        layer.trainable = flag
    return new
