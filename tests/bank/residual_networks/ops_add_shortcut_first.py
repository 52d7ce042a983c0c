"""The shortcut is built first and stands first in `keras.ops.add`; activations are `Activation("relu")` layers.
---
assignment = "residual_networks"
---
"""
# %% residual_block
import keras
from keras.layers import Activation, BatchNormalization, Conv2D


def residual_block(x, filters, strides=1):
    if x.shape[-1] == filters and strides == 1:
        way_around = x
    else:
        way_around = BatchNormalization()(Conv2D(filters, (1, 1), strides=(strides, strides), padding="valid")(x))
    way_through = Conv2D(filters, (3, 3), strides=(strides, strides), padding="same")(x)
    way_through = Activation("relu")(BatchNormalization()(way_through))
    way_through = BatchNormalization()(Conv2D(filters, (3, 3), padding="same")(way_through))
    return Activation("relu")(keras.ops.add(way_around, way_through))
