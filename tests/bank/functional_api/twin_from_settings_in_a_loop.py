"""Each layer is made anew from the settings of the given one, in a loop.
---
assignment = "functional_api"
---
"""


# %% sequential_to_functional
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    pattern = build_sequential(input_shape, num_classes)
    inputs = x = keras.Input(input_shape)
    for layer in pattern.layers:
        x = type(layer).from_config(layer.get_config())(x)
    return keras.Model(inputs, x)
