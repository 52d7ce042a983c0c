"""The block forgets its addition, and the given training code builds its network of it.
---
assignment = "residual_networks"
[score]
residual_block = [0.49, 0.51]
residual_network = [0.3, 0.4]
train_classifier = [0.7, 0.8]
[misconception]
residual_block = "no_addition"
train_classifier = "no_residual_connection"
---
"""
# %% residual_block
def residual_block(x, filters, strides=1):
    shortcut = x
    x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.BatchNormalization()(layers.Conv2D(filters, 3, padding="same", use_bias=False)(x))
    return layers.ReLU()(x)
