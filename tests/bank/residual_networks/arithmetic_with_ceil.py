"""Sizes by math.ceil on floats, turned into int at the end; one formula for both paddings.
---
assignment = "residual_networks"
---
"""
# %% conv_arithmetic
import math


def output_size(size, kernel, stride, padding):
    usable = size if padding == "same" else size - kernel + 1
    return int(math.ceil(usable / float(stride)))


def conv_params(kernel, c_in, c_out, bias=True):
    return int(math.pow(kernel, 2) * c_in + (1 if bias else 0)) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    depthwise = kernel**2 * c_in
    return depthwise + conv_params(1, c_in, c_out, bias)
