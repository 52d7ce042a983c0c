"""The pooling has no padding, the strided shortcut rounds up: 15 against 16.
---
assignment = "residual_networks"
hint_should_mention = 'same|padding'
[score]
separable_block = [0.71, 0.72]
mini_xception = [0.0, 0.15]
[misconception]
separable_block = "pooling_valid_against_same"
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
    y = layers.MaxPooling2D(3, strides=2)(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2, padding="same", use_bias=False)(x)])
