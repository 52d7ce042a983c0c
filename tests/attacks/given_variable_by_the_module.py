"""A given variable is read through sys.modules, in a cell without any other sign of it; the answers are right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% conv_arithmetic
from sys import modules

pictures = getattr(modules["__main__"], "some")
print(pictures.images.shape)


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
