"""The module is a layer class with four branches, three of them Sequential models.
---
assignment = "residual_networks"
---
"""
# %% inception_module
import keras
from keras import layers


class Inception(keras.layers.Layer):
    def __init__(self, f1, f3_reduce, f3, f5_reduce, f5, pool_proj, **kwargs):
        super().__init__(**kwargs)
        conv = lambda filters, kernel: layers.Conv2D(filters, kernel, padding="same", activation="relu")
        self.branch_1 = conv(f1, 1)
        self.branch_3 = keras.Sequential([conv(f3_reduce, 1), conv(f3, 3)])
        self.branch_5 = keras.Sequential([conv(f5_reduce, 1), conv(f5, 5)])
        self.branch_pool = keras.Sequential(
            [layers.MaxPooling2D(3, strides=1, padding="same"), conv(pool_proj, 1)]
        )

    def call(self, x):
        parts = [self.branch_1(x), self.branch_3(x), self.branch_5(x), self.branch_pool(x)]
        return keras.ops.concatenate(parts, axis=-1)


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    return Inception(f1, f3_reduce, f3, f5_reduce, f5, pool_proj)(x)
