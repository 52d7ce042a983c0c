"""A block in which each layer adds its input to itself: a graph of forty nodes with a trillion ways through it.
---
assignment = "residual_networks"
category = "exhausting"
allowed_status = ["graded", "needs_review"]
[score]
residual_block = [0.0, 0.6]
residual_network = [0.0, 1.0]
---
"""
# %% residual_block
from keras import layers


def residual_block(x, filters, strides=1):
    for _ in range(40):
        x = layers.Add()([x, layers.ReLU()(x), x])
    return layers.Conv2D(filters, 1, strides=strides)(x)
