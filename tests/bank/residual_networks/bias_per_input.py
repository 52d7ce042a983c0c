"""The biases are counted for the channels that come in instead of those that go out.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.75, 0.82]
[misconception]
conv_arithmetic = "bias_per_input"
---
"""
# %% conv_arithmetic
import math


def output_size(size, kernel, stride, padding):
    if padding == "same":
        return math.ceil(size / stride)
    return (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    weights = kernel * kernel * c_in * c_out
    biases = c_in if bias else 0
    return weights + biases


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + c_in * c_out + (c_out if bias else 0)
