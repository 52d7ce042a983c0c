"""Sizes come as tensors, counts as NumPy numbers.
---
assignment = "residual_networks"
---
"""
# %% conv_arithmetic
from keras import ops
import numpy as np


def output_size(size, kernel, stride, padding):
    return ops.cast(ops.ceil((size if padding == "same" else size - kernel + 1) / stride), "int32")


def conv_params(kernel, c_in, c_out, bias=True):
    return np.array([kernel, kernel, c_in, c_out]).prod() + c_out * bias


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return np.float64(kernel**2 * c_in + c_in * c_out + c_out * bias)
