"""The order of the first ResNet, convolution then norm then ReLU, where pre-activation is asked for.
---
assignment = "residual_networks"
[score]
separable_block = [0.7, 0.9]
mini_xception = [0.85, 1.0]
[misconception]
separable_block = "activation_after_convolution"
---
"""
# %% separable_block
from keras import layers


def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(y)
        y = layers.BatchNormalization()(y)
        y = layers.ReLU()(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)])
