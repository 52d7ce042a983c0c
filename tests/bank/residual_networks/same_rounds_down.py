"""`same` padding is taken to round down: size // stride, wrong by one for odd sizes.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.7, 0.9]
[misconception]
conv_arithmetic = "same_rounds_down"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    if padding == "same":
        return size // stride
    return (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in * c_out + (c_out if bias else 0)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + c_in * c_out + (c_out if bias else 0)
