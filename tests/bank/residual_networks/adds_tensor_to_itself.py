"""`shortcut = x` is written below the body, where x is already the body's result: it is added to itself.
---
assignment = "residual_networks"
[score]
residual_block = [0.62, 0.63]
residual_network = [0.15, 0.5]
[misconception]
residual_block = "adds_tensor_to_itself"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    shortcut = x
    if x.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, strides=strides)(x)
    return layers.ReLU()(layers.Add()([x, shortcut]))
