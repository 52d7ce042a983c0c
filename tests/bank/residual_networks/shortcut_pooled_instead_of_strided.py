"""The shortcut is a max pooling and an unstrided 1×1 convolution where a strided 1×1 is asked for.
---
assignment = "residual_networks"
[score]
separable_block = [0.7, 0.95]
mini_xception = [0.85, 1.0]
[misconception]
separable_block = "pooled_shortcut"
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
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    shortcut = layers.MaxPooling2D(2, padding="same")(x)
    return layers.Add()([y, layers.Conv2D(filters, 1, use_bias=False)(shortcut)])
