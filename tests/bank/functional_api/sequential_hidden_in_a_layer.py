"""A layer of its own class hides the Sequential.
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
class Network(layers.Layer):
    def __init__(self, shape, classes):
        super().__init__()
        self.inside = build_sequential(shape, classes)

    def call(self, x):
        return self.inside(x)


def build_functional(input_shape=(64, 64, 3), num_classes=6):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, Network(input_shape, num_classes)(inputs))
