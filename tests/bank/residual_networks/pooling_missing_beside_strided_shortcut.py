"""The pooling is forgotten, the shortcut moves with stride 2: the sum can't be built.
---
assignment = "residual_networks"
hint_should_mention = 'has fewer pixels than'
[score]
separable_block = [0.71, 0.72]
mini_xception = 0.0
[misconception]
separable_block = "pooling_missing"
---
"""
# %% separable_block
from keras import layers


def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.BatchNormalization()(y)
        y = layers.ReLU()(y)
        y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
    shortcut = layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)
    return layers.Add()([y, shortcut])
