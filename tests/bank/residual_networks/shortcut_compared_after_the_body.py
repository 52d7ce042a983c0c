"""The shortcut is projected where its shape differs from that of the finished body.
---
assignment = "residual_networks"
---
"""
# %% residual_block
from keras import layers


def conv_bn(x, filters, kernel, strides=1):
    x = layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(axis=3)(x)


def residual_block(x, filters, strides=1):
    body = conv_bn(layers.Activation("relu")(conv_bn(x, filters, (3, 3), strides)), filters, (3, 3))
    skip = x if x.shape == body.shape else conv_bn(x, filters, (1, 1), strides)
    return layers.Activation("relu")(body + skip)
