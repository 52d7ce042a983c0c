"""Time is measured, output captured, the plot set up, an extension loaded; the answers are right.
---
assignment = "residual_networks"
category = "malformed"
---
"""
# %% conv_arithmetic
%%time
%matplotlib inline
%load_ext autoreload
%autoreload 2
def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
# %% inception_module
%%capture captured
from keras import layers


def inception_module(x, f1, f3_reduce, f3, f5_reduce, f5, pool_proj):
    def conv(tensor, filters, kernel):
        return layers.Conv2D(filters, kernel, padding="same", activation="relu")(tensor)

    pooled = layers.MaxPooling2D(3, strides=1, padding="same")(x)
    branches = [conv(x, f1, 1), conv(conv(x, f3_reduce, 1), f3, 3), conv(conv(x, f5_reduce, 1), f5, 5), conv(pooled, pool_proj, 1)]
    return layers.Concatenate()(branches)
%timeit -n 1 -r 1 output_size(28, 3, 2, "same")
