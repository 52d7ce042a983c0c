"""Batch norm after each convolution, as in the paper's successors; convolutions without bias; `ops.concatenate`.
---
assignment = "residual_networks"
---
"""
# %% inception_module
import keras
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    def conv(y, filters, kernel):
        y = layers.Conv2D(filters, kernel, padding="same", use_bias=False)(y)
        y = layers.BatchNormalization()(y)
        return layers.Activation(keras.activations.relu)(y)

    return keras.ops.concatenate(
        [
            conv(x, f1, 1),
            conv(conv(x, f3_reduce, 1), f3, 3),
            conv(conv(x, f5_reduce, 1), f5, 5),
            conv(layers.MaxPool2D(3, 1, "same")(x), pool_proj, 1),
        ],
        axis=3,
    )
