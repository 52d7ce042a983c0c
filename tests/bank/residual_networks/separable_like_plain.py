"""A separable convolution is taken for a plain one with another name.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.75, 0.82]
[misconception]
conv_arithmetic = "separable_like_plain"
---
"""
# %% conv_arithmetic
import math


def output_size(size, kernel, stride, padding):
    if padding == "same":
        return math.ceil(size / stride)
    return (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in * c_out + (c_out if bias else 0)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return conv_params(kernel, c_in, c_out, bias)
