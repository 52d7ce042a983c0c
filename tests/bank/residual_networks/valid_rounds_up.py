"""Without padding a last step that does not fit is counted as well.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.83, 0.89]
[misconception]
conv_arithmetic = "valid_rounds_up"
---
"""
# %% conv_arithmetic
import math


def output_size(size, kernel, stride, padding):
    if padding == "valid":
        return math.ceil((size - kernel) / stride) + 1
    return math.ceil(size / stride)


def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in * c_out + (c_out if bias else 0)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + c_in * c_out + (c_out if bias else 0)
