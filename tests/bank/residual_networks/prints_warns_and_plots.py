"""Right, and noisy: prints a summary at every call, warns on stderr, leaves a figure open.
---
assignment = "residual_networks"
---
"""
# %% inception_module
import sys
import warnings

import keras
import matplotlib.pyplot as plt
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    print("inception module on", x.shape)
    print("almost there", file=sys.stderr)
    warnings.warn("all good, just saying", stacklevel=1)
    a = layers.Conv2D(f1, 1, activation="relu")(x)
    b = layers.Conv2D(f3_reduce, 1, activation="relu")(x)
    b = layers.Conv2D(f3, 3, padding="same", activation="relu")(b)
    c = layers.Conv2D(f5_reduce, 1, activation="relu")(x)
    c = layers.Conv2D(f5, 5, padding="same", activation="relu")(c)
    d = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    d = layers.Conv2D(pool_proj, 1, activation="relu")(d)
    return layers.Concatenate()([a, b, c, d])


trial = keras.Input((28, 28, 192))
keras.Model(trial, inception_module(trial, 64, 96, 128, 16, 32, 32)).summary()
plt.plot([1, 2, 3])
plt.show()
