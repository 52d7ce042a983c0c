"""The block is a Layer subclass without get_config that only composes Keras layers, as in Géron's residual unit.
---
assignment = "residual_networks"
---
"""
# %% residual_block
import keras


class ResidualUnit(keras.layers.Layer):
    def __init__(self, filters, strides, project, **kwargs):
        super().__init__(**kwargs)
        self.main_layers = [
            keras.layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
            keras.layers.ReLU(),
            keras.layers.Conv2D(filters, 3, padding="same", use_bias=False),
            keras.layers.BatchNormalization(),
        ]
        self.skip_layers = []
        if project:
            self.skip_layers = [
                keras.layers.Conv2D(filters, 1, strides=strides, use_bias=False),
                keras.layers.BatchNormalization(),
            ]
        self.activation = keras.layers.Activation("relu")

    def call(self, inputs):
        z = inputs
        for layer in self.main_layers:
            z = layer(z)
        skip = inputs
        for layer in self.skip_layers:
            skip = layer(skip)
        return self.activation(z + skip)


def residual_block(x, filters, strides=1):
    return ResidualUnit(filters, strides, project=strides != 1 or x.shape[-1] != filters)(x)
