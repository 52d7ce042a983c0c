"""The size is divided and not rounded, so half pixels come out.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.6, 0.9]
[misconception]
conv_arithmetic = "size_not_whole"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    pad = (kernel - 1) / 2 if padding == "same" else 0
    return (size - kernel + 2 * pad) / stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel**2 * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel**2 * c_in + (c_in + bias) * c_out
