"""tf.nn.relu and tf.add are called on Keras' symbolic tensors, which they refuse.
---
assignment = "residual_networks"
[score]
residual_block = 0.0
residual_network = [0.0, 0.15]
---
"""
# %% residual_block
import tensorflow as tf
from keras import layers


def residual_block(x, filters, strides=1):
    y = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
    y = tf.nn.relu(layers.BatchNormalization()(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    if strides != 1 or x.shape[-1] != filters:
        x = layers.Conv2D(filters, 1, strides=strides, use_bias=False)(x)
    return tf.nn.relu(tf.add(x, y))
