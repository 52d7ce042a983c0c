"""`same` computed with (kernel - 1) // 2 pixels on each side.
---
assignment = "residual_networks"
[score]
conv_arithmetic = [0.4, 0.95]
[misconception]
conv_arithmetic = "same_for_odd_kernels_only"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    p = (kernel - 1) // 2 if padding == "same" else 0
    return (size + 2 * p - kernel) // stride + 1
def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in * c_out + c_out * bias
def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + conv_params(1, c_in, c_out, bias)
