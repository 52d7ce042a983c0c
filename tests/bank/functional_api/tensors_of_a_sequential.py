"""A model around the tensors of the Sequential.
---
assignment = "functional_api"
hint_should_mention = 'its tensors'
[score]
sequential_to_functional = [0.15, 0.16]
[misconception]
sequential_to_functional = "wraps_a_sequential"
---
"""


# %% sequential_to_functional
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    given = build_sequential(input_shape, num_classes)
    return keras.Model(given.inputs, given.outputs)
