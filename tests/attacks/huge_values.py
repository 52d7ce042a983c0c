"""The answers are an integer of a hundred thousand digits, a text of 100 MB and a list of ten million numbers.
---
assignment = "residual_networks"
category = "exhausting"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    return 10**100_000


def conv_params(kernel, c_in, c_out, bias=True):
    return "9" * 100_000_000


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return list(range(10_000_000))
