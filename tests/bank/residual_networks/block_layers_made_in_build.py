"""A Layer subclass that learns in build(input_shape) whether it needs a projection, and saves its settings.
---
assignment = "residual_networks"
---
"""
# %% residual_block
import keras
from keras import layers


class Block(layers.Layer):
    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.filters = filters
        self.strides = strides

    def build(self, input_shape):
        self.conv_a = layers.Conv2D(self.filters, 3, strides=self.strides, padding="same", use_bias=False)
        self.conv_b = layers.Conv2D(self.filters, 3, padding="same", use_bias=False)
        self.norm_a = layers.BatchNormalization()
        self.norm_b = layers.BatchNormalization()
        self.conv_a.build(input_shape)
        middle = self.conv_a.compute_output_shape(input_shape)
        for layer in (self.norm_a, self.conv_b, self.norm_b):
            layer.build(middle)
        self.projection = None
        if self.strides > 1 or input_shape[-1] != self.filters:
            self.projection = layers.Conv2D(self.filters, 1, strides=self.strides)
            self.projection.build(input_shape)
        self.built = True

    def call(self, x, training=None):
        y = keras.ops.relu(self.norm_a(self.conv_a(x), training=training))
        y = self.norm_b(self.conv_b(y), training=training)
        return keras.ops.relu(y + (x if self.projection is None else self.projection(x)))

    def compute_output_shape(self, input_shape):
        return self.conv_a.compute_output_shape(input_shape)

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "strides": self.strides}


def residual_block(x, filters, strides=1):
    return Block(filters, strides)(x)
