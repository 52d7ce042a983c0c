"""The depthwise part is a Conv2D with as many groups as channels.
---
assignment = "residual_networks"
---
"""
# %% separable_block
from keras import layers


def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        channels = y.shape[-1]
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.Conv2D(channels, 3, padding="same", groups=channels, use_bias=False)(y)
        y = layers.Conv2D(filters, 1, use_bias=False)(y)
    y = layers.MaxPooling2D(pool_size=3, strides=2, padding="same")(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2)(x)])
