"""`residual_block` is an instance of a plain class with __call__, not a function.
---
assignment = "residual_networks"
---
"""
# %% residual_block
from keras import layers


class ConvNorm:
    """Convolution and batch norm, new ones for each call."""

    def __init__(self, kernel_size):
        self.kernel_size = kernel_size

    def __call__(self, x, filters, strides=1):
        x = layers.Conv2D(filters, self.kernel_size, strides=strides, padding="same", use_bias=False)(x)
        return layers.BatchNormalization()(x)


class ResidualBlock:
    body = ConvNorm(3)
    projection = ConvNorm(1)

    def __call__(self, x, filters, strides=1):
        y = layers.ReLU()(self.body(x, filters, strides))
        y = self.body(y, filters)
        if (strides, x.shape[-1]) != (1, filters):
            x = self.projection(x, filters, strides)
        return layers.ReLU()(layers.Add()([x, y]))


residual_block = ResidualBlock()
