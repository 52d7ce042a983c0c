"""The block is a subclassed Model, its projection optional.
---
assignment = "residual_networks"
---
"""
# %% residual_block
import keras
from keras import layers


class Block(keras.Model):
    def __init__(self, filters, strides, project):
        super().__init__()
        self.conv1 = layers.Conv2D(filters, 3, strides=strides, padding="same")
        self.conv2 = layers.Conv2D(filters, 3, padding="same")
        self.bn1, self.bn2 = layers.BatchNormalization(), layers.BatchNormalization()
        self.project = layers.Conv2D(filters, 1, strides=strides) if project else None

    def call(self, x, training=False):
        y = keras.ops.relu(self.bn1(self.conv1(x), training=training))
        y = self.bn2(self.conv2(y), training=training)
        return keras.ops.relu(y + (self.project(x) if self.project is not None else x))


def residual_block(x, filters, strides=1):
    return Block(filters, strides, strides != 1 or x.shape[-1] != filters)(x)
