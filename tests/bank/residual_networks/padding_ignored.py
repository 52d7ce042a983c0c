"""The one formula from the slides, `(n - k) // s + 1`, whatever the padding is.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.68, 0.74]
[misconception]
conv_arithmetic = "padding_ignored"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    return (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in * c_out + (c_out if bias else 0)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + c_in * c_out + (c_out if bias else 0)
