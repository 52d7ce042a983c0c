"""The `+ 1` of the valid formula is missing: distances are counted instead of positions.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.55, 0.9]
[misconception]
conv_arithmetic = "valid_loses_whole_kernel"
---
"""
# %% conv_arithmetic
import math


def output_size(size, kernel, stride, padding):
    if padding == "valid":
        return (size - kernel) // stride
    return math.ceil(size / stride)


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + int(bias)) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + int(bias)) * c_out
