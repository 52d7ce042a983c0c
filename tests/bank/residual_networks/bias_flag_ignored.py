"""The argument `bias` is accepted and never looked at.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.7, 0.9]
[misconception]
conv_arithmetic = "bias_flag_ignored"
---
"""
# %% conv_arithmetic
import math


def output_size(size, kernel, stride, padding):
    return math.ceil(size / stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in * c_out + c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + c_in * c_out + c_out
