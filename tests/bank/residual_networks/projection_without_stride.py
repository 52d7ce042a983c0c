"""The projection forgets the stride, so the shapes still disagree.
---
assignment = "residual_networks"
hint_should_mention = 'strides?'
[score]
residual_block = [0.7, 0.71]
residual_network = [0.0, 0.15]
[misconception]
residual_block = "projection_without_stride"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    shortcut = x
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, use_bias=False)(x)
    return layers.ReLU()(layers.Add()([y, shortcut]))
