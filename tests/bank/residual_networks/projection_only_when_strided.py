"""The projection is made where there is a stride, so a change of channels at full resolution fails (as in Géron's unit).
---
assignment = "residual_networks"
hint_should_mention = 'channels|filters'
[score]
residual_block = [0.6, 0.9]
residual_network = [0.9, 1.0]
[misconception]
residual_block = "projection_missing"
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
    if strides > 1:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([y, x]))
