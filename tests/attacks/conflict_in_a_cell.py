"""The marks of a merge stand in a cell, which therefore is no Python.
---
assignment = "residual_networks"
category = "malformed"
hint_should_mention = "SyntaxError|syntax"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
<<<<<<< HEAD
def output_size(size, kernel, stride, padding):
    return size
=======
def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
>>>>>>> better
