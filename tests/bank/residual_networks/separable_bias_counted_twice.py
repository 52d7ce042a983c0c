"""The separable convolution is given a bias for its depthwise part too: 2432 for 32 to 64 channels instead of 2400.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.6, 0.9]
[misconception]
conv_arithmetic = "separable_two_biases"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in * c_out + (c_out if bias else 0)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    depthwise = kernel * kernel * c_in + (c_in if bias else 0)
    pointwise = c_in * c_out + (c_out if bias else 0)
    return depthwise + pointwise
