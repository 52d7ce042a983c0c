"""A kernel is thought to be flat: the input channels are left out of the parameter count.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.6, 0.9]
[misconception]
conv_arithmetic = "input_channels_forgotten"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    if padding == "same":
        return (size + stride - 1) // stride
    return (size - kernel + stride) // stride


def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_out + (c_out if bias else 0)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + c_in * c_out + (c_out if bias else 0)
