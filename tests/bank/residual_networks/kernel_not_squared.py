"""A kernel of size 3 is given three weights for each channel, not nine.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.54, 0.6]
[misconception]
conv_arithmetic = "kernel_not_squared"
---
"""
# %% conv_arithmetic
import math


def output_size(size, kernel, stride, padding):
    if padding == "same":
        return math.ceil(size / stride)
    return (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * c_in * c_out + bias * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    depthwise = kernel * c_in
    return depthwise + conv_params(1, c_in, c_out, bias)
