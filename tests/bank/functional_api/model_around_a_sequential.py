"""The Sequential is called inside a functional model.
---
assignment = "functional_api"
hint_should_mention = 'wrapped'
[score]
sequential_to_functional = [0.15, 0.16]
[misconception]
sequential_to_functional = "wraps_a_sequential"
---
"""


# %% sequential_to_functional
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, build_sequential(input_shape, num_classes)(inputs))
