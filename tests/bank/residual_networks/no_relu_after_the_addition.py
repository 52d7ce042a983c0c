"""The block ends with the sum; its ReLU is forgotten.
---
assignment = "residual_networks"
hint_should_mention = 'relu|activation'
[score]
residual_block = [0.65, 0.9]
residual_network = [0.85, 1.0]
[misconception]
residual_block = "no_relu_after_the_addition"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.Add()([y, x])
