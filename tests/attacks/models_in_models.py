"""The module is two hundred models in one another, each with one idle layer.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "needs_review", "crashed"]
[score]
inception_module = [0.0, 0.5]
---
"""
# %% inception_module
import keras
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    inner = layers.Conv2D(f1 + f3 + f5 + pool_proj, 1)
    for _ in range(200):
        entrance = keras.Input(x.shape[1:])
        inner = keras.Model(entrance, layers.Identity()(inner(entrance)))
    return inner(x)
