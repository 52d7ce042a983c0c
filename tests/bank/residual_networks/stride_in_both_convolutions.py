"""Both convolutions of the body take the stride, so a stride of 2 quarters the resolution.
---
assignment = "residual_networks"
hint_should_mention = 'strides?'
[score]
residual_block = [0.87, 0.88]
residual_network = [0.0, 0.15]
[misconception]
residual_block = "stride_in_both_convolutions"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([y, x]))
