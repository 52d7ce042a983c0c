"""The branches are appended to each other one by one; norm and ReLU follow once, after the concatenation.
---
assignment = "residual_networks"
---
"""
# %% inception_module
import keras
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    def conv(t, f, k):
        return layers.Conv2D(f, k, padding="same", use_bias=False, kernel_regularizer="l2")(t)
    parts = [conv(x, f1, 1), conv(layers.ReLU()(conv(x, f3_reduce, 1)), f3, 3), conv(layers.ReLU()(conv(x, f5_reduce, 1)), f5, 5), conv(layers.MaxPooling2D(3, 1, "same")(x), pool_proj, 1)]
    out = parts[0]
    for part in parts[1:]:
        out = keras.ops.append(out, part, axis=-1)
    return layers.ReLU()(layers.BatchNormalization()(out))
