"""Mixed precision is switched on in the answer.
---
assignment = "residual_networks"
---
"""
# %% residual_block
import keras

keras.mixed_precision.set_global_policy("mixed_float16")


def residual_block(x, filters, strides=1):
    """Two 3×3 convolutions and a shortcut around them; halves the grid with strides=2."""
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU()(y)
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
        x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.Add()([y, x]))
