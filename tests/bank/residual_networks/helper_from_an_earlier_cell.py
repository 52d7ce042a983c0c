"""A helper is written in the first block's cell and used again in the separable block and in Mini-Xception.
---
assignment = "residual_networks"
---
"""
# %% residual_block
from keras import layers


def norm_relu(x):
    return layers.ReLU()(layers.BatchNormalization()(x))


def residual_block(x, filters, strides=1):
    y = norm_relu(layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.BatchNormalization()(layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x))
    return layers.ReLU()(layers.Add()([y, x]))
# %% separable_block
def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.SeparableConv2D(filters, 3, padding="same", use_bias=False)(norm_relu(y))
    y = layers.MaxPooling2D(3, 2, "same")(y)
    return layers.Add()([y, layers.Conv2D(filters, 1, strides=2, use_bias=False)(x)])
