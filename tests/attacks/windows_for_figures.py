"""Interactive figures are asked for in the cell of the answers, by backends that the room does not have; the answers are right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% (added)
%matplotlib notebook
from functools import partial as with_settings
# %% conv_arithmetic
%matplotlib widget
%config InlineBackend.figure_format = "retina"
import matplotlib.pyplot as plt


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
# %% inception_module
%matplotlib qt
from keras import layers

conv = with_settings(layers.Conv2D, padding="same", activation="relu")


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    branches = [conv(f1, 1)(x), conv(f3, 3)(conv(f3_reduce, 1)(x)), conv(f5, 5)(conv(f5_reduce, 1)(x)), conv(pool_proj, 1)(pooled)]
    return layers.Concatenate()(branches)
