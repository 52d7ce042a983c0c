"""The shortcut stays as it is even where the body changes channels or resolution.
---
assignment = "residual_networks"
hint_should_mention = '1\s*[×x]\s*1|projection'
[score]
residual_block = [0.66, 0.67]
residual_network = [0.0, 0.15]
[misconception]
residual_block = "projection_missing"
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
    return layers.ReLU()(layers.Add()([y, x]))
