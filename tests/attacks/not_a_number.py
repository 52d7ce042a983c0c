"""NaN, infinity, text and truth values where numbers are asked for.
---
assignment = "residual_networks"
category = "forging"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    return float("nan")


def conv_params(kernel, c_in, c_out, bias=True):
    return [float("inf"), -float("inf")][bias]


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return str(kernel**2 * c_in + (c_in + bias) * c_out)
