"""The shortcut is pooled without padding before its 1×1 convolution: even sizes fit, odd ones end one pixel short.
---
assignment = "residual_networks"
[score]
residual_block = [0.6, 0.9]
[misconception]
residual_block = "shortcut_rounds_down_for_odd_sizes"
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
    if strides != 1:
        x = layers.AveragePooling2D(strides)(x)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([y, x]))
