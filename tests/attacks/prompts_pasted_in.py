"""A session was pasted into the cell, with its prompts.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% conv_arithmetic
>>> def output_size(size, kernel, stride, padding):
...     return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1
...
>>> def conv_params(kernel, c_in, c_out, bias=True):
...     return (kernel * kernel * c_in + bias) * c_out
...
>>> def separable_conv_params(kernel, c_in, c_out, bias=True):
...     return kernel * kernel * c_in + (c_in + bias) * c_out
