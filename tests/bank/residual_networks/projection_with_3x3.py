"""The projection is a 3×3 convolution: right shapes, nine times the parameters.
---
assignment = "residual_networks"
hint_should_mention = '1\s*[×x]\s*1'
[score]
residual_block = [0.6, 0.9]
residual_network = [0.25, 0.6]
[misconception]
residual_block = "projection_with_3x3"
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
        x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([y, x]))
