"""The shortcut leaves inside the body, after the first convolution, where shapes agree by themselves.
---
assignment = "residual_networks"
hint_should_mention = 'shortcut|before'
[score]
residual_block = [0.62, 0.63]
residual_network = [0.35, 0.6]
[misconception]
residual_block = "shortcut_leaves_inside_body"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    shortcut = x
    x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([x, shortcut]))
