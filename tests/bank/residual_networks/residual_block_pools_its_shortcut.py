"""Where the grid is halved, the shortcut averages pixels before an unstrided 1×1 convolution; the network is right.
---
assignment = "residual_networks"
[score]
residual_block = [0.7, 0.85]
[misconception]
residual_block = "pooled_shortcut"
---
"""

# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.ReLU()(layers.BatchNormalization()(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1:
        x = layers.AveragePooling2D(strides, padding="same")(x)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, use_bias=False)(x)
    return layers.ReLU()(layers.Add()([y, x]))
