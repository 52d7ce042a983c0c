"""The functions print their result and return None.
---
assignment = "residual_networks"
[score]
conv_arithmetic = 0.0
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    if padding == "same":
        print(-(-size // stride))
    else:
        print((size - kernel) // stride + 1)


def conv_params(kernel, c_in, c_out, bias=True):
    print(kernel * kernel * c_in * c_out + bias * c_out)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    print(kernel * kernel * c_in + c_in * c_out + bias * c_out)
