"""The body's convolutions have no padding, so each eats two pixels.
---
assignment = "residual_networks"
hint_should_mention = 'same|padding'
[score]
residual_block = [0.62, 0.63]
residual_network = [0.0, 0.15]
[misconception]
residual_block = "valid_padding_in_body"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([y, x]))
