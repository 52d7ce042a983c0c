"""One task sets the recursion limit to try what happens, and leaves it there.
---
assignment = "residual_networks"
category = "surviving"
allowed_status = ["graded", "needs_review", "crashed"]
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
import inspect
import sys

sys.setrecursionlimit(len(inspect.stack(0)) + 25)


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
