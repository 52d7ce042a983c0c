"""One single bias is counted for a whole layer, since the argument is a single True or False.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.75, 0.82]
[misconception]
conv_arithmetic = "bias_once_for_all"
---
"""
# %% conv_arithmetic
import math


def output_size(size, kernel, stride, padding):
    if padding == "same":
        return math.ceil(size / stride)
    return (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    params = kernel * kernel * c_in * c_out
    if bias:
        params += 1
    return params


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + c_in * c_out + (c_out if bias else 0)
