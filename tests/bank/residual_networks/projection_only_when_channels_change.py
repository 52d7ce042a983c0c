"""Only a change of channels gets a projection; a stride with the same number of channels is overlooked.
---
assignment = "residual_networks"
hint_should_mention = 'strides?'
[score]
residual_block = [0.55, 0.9]
residual_network = [0.85, 1.0]
[misconception]
residual_block = "projection_only_for_channels"
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
    if x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([y, x]))
