"""The block is a layer class with lists of layers and a get_config.
---
assignment = "residual_networks"
---
"""
# %% separable_block
import keras
from keras import layers


class SeparableResidual(layers.Layer):
    def __init__(self, filters, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.norms = [layers.BatchNormalization() for _ in range(2)]
        self.convs = [layers.SeparableConv2D(filters, 3, padding="same", use_bias=False) for _ in range(2)]
        self.pool = layers.MaxPooling2D(3, strides=2, padding="same")
        self.shortcut = layers.Conv2D(filters, 1, strides=2, use_bias=False)

    def call(self, x, training=None):
        y = x
        for norm, conv in zip(self.norms, self.convs):
            y = conv(keras.ops.relu(norm(y, training=training)))
        return self.pool(y) + self.shortcut(x)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters}


def separable_residual_block(x, filters):
    return SeparableResidual(filters)(x)
