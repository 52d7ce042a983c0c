"""`same` is taken at its word: the size stays, whatever the stride.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.75, 0.82]
[misconception]
conv_arithmetic = "same_ignores_stride"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    if padding == "same":
        return size
    return (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in * c_out + (c_out if bias else 0)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + c_in * c_out + (c_out if bias else 0)
