"""One batch norm object serves both convolutions, so the two share scale, shift and statistics.
---
assignment = "residual_networks"
[score]
residual_block = [0.7, 0.9]
residual_network = [0.6, 0.95]
[misconception]
residual_block = "layer_shared_by_accident"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    norm = layers.BatchNormalization()
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.ReLU()(norm(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = norm(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    return layers.ReLU()(layers.Add()([y, x]))
