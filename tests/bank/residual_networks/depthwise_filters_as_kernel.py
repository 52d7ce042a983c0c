"""`DepthwiseConv2D(filters)`: its first argument is the kernel size, so the kernels are as wide as the image.
---
assignment = "residual_networks"
hint_should_mention = '«depthwise_conv2d» with one of'
[score]
separable_block = [0.45, 0.7]
mini_xception = [0.75, 1.0]
[misconception]
separable_block = "depthwise_filters_as_kernel"
---
"""
# %% separable_block
from keras import layers


def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.BatchNormalization()(y)
        y = layers.ReLU()(y)
        y = layers.DepthwiseConv2D(filters, padding="same", use_bias=False)(y)
        y = layers.Conv2D(filters, 1, use_bias=False)(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)])
