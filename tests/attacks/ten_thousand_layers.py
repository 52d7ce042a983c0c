"""A module of ten thousand layers in a row.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "timeout", "needs_review", "crashed"]
[score]
inception_module = [0.0, 0.5]
---
"""
# %% inception_module
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    for _ in range(10_000):
        x = layers.ReLU()(x)
    return x
