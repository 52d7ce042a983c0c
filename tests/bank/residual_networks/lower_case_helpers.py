"""The sum is `layers.add`, the activation is called as a function from `keras.activations`; no projection norm, biases kept.
---
assignment = "residual_networks"
---
"""
# %% residual_block
import keras


def residual_block(x, filters, strides=1):
    y = keras.layers.Conv2D(filters, 3, strides, "same")(x)
    y = keras.activations.relu(keras.layers.BatchNormalization()(y))
    y = keras.layers.Conv2D(filters, 3, 1, "same")(y)
    y = keras.layers.BatchNormalization()(y)
    agree = strides == 1 and int(x.shape[-1]) == filters
    side = x if agree else keras.layers.Conv2D(filters, 1, strides)(x)
    return keras.activations.relu(keras.layers.add([side, y]))
