"""The batch norms divide by a number without end, and never learn a mean: the body gives zeros.
---
assignment = "residual_networks"
hint_should_mention = 'epsilon'
[score]
residual_block = [0.85, 0.9]
[misconception]
residual_block = "batch_norm_of_nothing"
---
"""
# %% residual_block
import keras
from keras import layers


def residual_block(x, filters, strides=1):
    def norm(y):
        return layers.BatchNormalization(epsilon=1e30, momentum=1.0)(y)

    y = norm(layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x))
    y = layers.ReLU()(y)
    y = norm(layers.Conv2D(filters, 3, padding="same", use_bias=False)(y))
    if strides != 1 or x.shape[-1] != filters:
        x = norm(layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x))
    return layers.ReLU()(layers.Add()([y, x]))
