"""One task tries settings of Keras and NumPy: half precision, channels first, errors for small numbers; it leaves them so.
---
assignment = "residual_networks"
category = "surviving"
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
import keras
import numpy as np

keras.config.set_floatx("float16")
keras.config.set_dtype_policy("float16")
keras.config.set_image_data_format("channels_first")
np.seterr(all="raise")


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
