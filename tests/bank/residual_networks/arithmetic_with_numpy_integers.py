"""The answers are numpy integers, since they come out of numpy arrays.
---
assignment = "residual_networks"
---
"""
# %% conv_arithmetic
import numpy as np


def output_size(size, kernel, stride, padding):
    starts = np.arange(0, size if padding.lower() == "same" else size - kernel + 1, stride)
    return starts.shape[0] * np.int64(1)


def conv_params(kernel, c_in, c_out, bias=True):
    return np.prod([kernel, kernel, c_in, c_out]) + np.array(c_out if bias else 0)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return np.dot([kernel * kernel, c_out], [c_in, c_in]) + np.int32(bias) * c_out
