"""NumPy rounds up and leaves floats.
---
assignment = "residual_networks"
hint_should_mention = 'floats'
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    return np.ceil((size if padding == "same" else size - kernel + 1) / stride)
def conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in * c_out + c_out * bias
def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + conv_params(1, c_in, c_out, bias)
