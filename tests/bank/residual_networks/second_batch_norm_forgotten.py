"""Only the first convolution has a batch norm.
---
assignment = "residual_networks"
hint_should_mention = 'batch.?norm|BN'
[score]
residual_block = [0.55, 0.9]
residual_network = [0.75, 0.95]
[misconception]
residual_block = "batch_norm_missing"
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same")(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides)(x)
    return layers.ReLU()(layers.Add()([y, x]))
