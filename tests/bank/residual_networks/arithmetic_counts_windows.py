"""No formula at all: the windows and the weights are counted one by one.
---
assignment = "residual_networks"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    starts = range(0, size, stride) if padding == "same" else range(0, size - kernel + 1, stride)
    return len(starts)


def conv_params(kernel, c_in, c_out, bias=True):
    return sum(kernel * kernel * c_in + int(bias) for _ in range(c_out))


def separable_conv_params(kernel, c_in, c_out, bias=True):
    depthwise = sum(kernel**2 for _ in range(c_in))
    return depthwise + conv_params(1, c_in, c_out, bias)
