"""Plain 3×3 convolutions, with about eight times the parameters.
---
assignment = "residual_networks"
[score]
separable_block = [0.45, 0.75]
mini_xception = [0.5, 0.8]
[misconception]
separable_block = "plain_convolution_instead_of_separable"
---
"""
# %% separable_block
from keras import layers


def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.BatchNormalization()(y)
        y = layers.ReLU()(y)
        y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)])
