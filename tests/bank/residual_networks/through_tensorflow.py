"""Everything is imported through tf.keras, the old habit.
---
assignment = "residual_networks"
---
"""
# %% inception_module
import tensorflow as tf
from tensorflow.keras.layers import Conv2D, MaxPool2D, concatenate


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    path1 = Conv2D(filters=f1, kernel_size=(1, 1), padding="same", activation=tf.keras.activations.relu)(x)
    path2 = Conv2D(filters=f3_reduce, kernel_size=(1, 1), padding="same", activation=tf.keras.activations.relu)(x)
    path2 = Conv2D(filters=f3, kernel_size=(3, 3), padding="same", activation=tf.keras.activations.relu)(path2)
    path3 = Conv2D(filters=f5_reduce, kernel_size=(1, 1), padding="same", activation=tf.keras.activations.relu)(x)
    path3 = Conv2D(filters=f5, kernel_size=(5, 5), padding="same", activation=tf.keras.activations.relu)(path3)
    path4 = MaxPool2D(pool_size=(3, 3), strides=(1, 1), padding="same")(x)
    path4 = Conv2D(filters=pool_proj, kernel_size=(1, 1), padding="same", activation=tf.keras.activations.relu)(path4)
    return concatenate([path1, path2, path3, path4], axis=3)
