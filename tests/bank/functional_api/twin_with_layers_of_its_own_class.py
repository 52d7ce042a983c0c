"""A layer class that composes convolution, batch norm and ReLU; calls chained by functools.reduce.
---
assignment = "functional_api"
---
"""

# %% sequential_to_functional
from functools import reduce


class ConvNormRelu(layers.Layer):
    def __init__(self, filters, **settings):
        super().__init__()
        self.steps = [layers.Conv2D(filters, 3, use_bias=False, **settings), layers.BatchNormalization(), layers.ReLU()]

    def call(self, x):
        return reduce(lambda value, step: step(value), self.steps, x)


def build_functional(input_shape=(64, 64, 3), num_classes=6):
    inputs = keras.Input(input_shape)
    chain = [
        layers.Rescaling(1 / 255),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        ConvNormRelu(32, strides=2, padding="same"),
        layers.Conv2D(48, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(0.3),
        layers.Dense(num_classes, activation="softmax"),
    ]
    model = keras.Model(inputs, reduce(lambda x, layer: layer(x), chain, inputs))
    assert model.count_params() == build_sequential(input_shape, num_classes).count_params()
    return model
