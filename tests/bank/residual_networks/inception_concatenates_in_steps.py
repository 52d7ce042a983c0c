"""The branches are joined two at a time, which comes to the same channels in the same order.
---
assignment = "residual_networks"
---
"""
# %% inception_module
import keras
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    def conv(filters, kernel):
        return keras.Sequential([layers.Conv2D(filters, kernel, padding="same"), layers.Activation("relu")])

    narrow = conv(f1, 1)(x)
    middle = conv(f3, (3, 3))(conv(f3_reduce, (1, 1))(x))
    wide = conv(f5, 5)(conv(f5_reduce, 1)(x))
    pooled = conv(pool_proj, 1)(layers.MaxPool2D(pool_size=(3, 3), strides=(1, 1), padding="SAME".lower())(x))
    return layers.concatenate([layers.concatenate([narrow, middle]), layers.concatenate([wide, pooled])])
