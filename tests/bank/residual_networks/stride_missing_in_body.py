"""The stride goes to the shortcut only: the body keeps its size and can't be added.
---
assignment = "residual_networks"
hint_should_mention = 'has fewer pixels than'
[score]
residual_block = [0.87, 0.88]
residual_network = 0.0
[misconception]
residual_block = "stride_missing_in_body"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    return layers.ReLU()(layers.Add()([y, x]))
