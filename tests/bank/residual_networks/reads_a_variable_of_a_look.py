"""The cell tries its formulas on the scenes that only a given look loads.
---
assignment = "residual_networks"
---
"""
# %% conv_arithmetic
def output_size(size, kernel, stride, padding):
    if padding == "same":
        return (size + stride - 1) // stride
    return (size - kernel + stride) // stride


def conv_params(kernel, c_in, c_out, bias=True):
    return c_out * (kernel**2 * c_in + int(bias))


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel**2 * c_in + conv_params(1, c_in, c_out, bias)


side = some.images.shape[1]
assert output_size(side, 3, 1, "same") == side
print("halved:", output_size(side, 3, 2, "same"), "channels:", some.images.shape[-1])
