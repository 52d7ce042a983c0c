"""The list of layers again.
---
assignment = "functional_api"
hint_should_mention = 'keras.Input'
[score]
sequential_to_functional = [0, 0]
[misconception]
sequential_to_functional = "still_sequential"
---
"""


# %% sequential_to_functional
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    model = keras.Sequential(name="functional")
    for layer in build_sequential(input_shape, num_classes).layers:
        model.add(type(layer).from_config(layer.get_config()))
    model.build((None, *input_shape))
    return model
