"""A helper adds a method to Keras' classes, and breaks them all for whoever is not called from its own cell.
---
assignment = "residual_networks"
category = "surviving"
[score]
conv_arithmetic = [0.0, 1.0]
---
"""
# %% conv_arithmetic
import keras


def add_method(cls, name):
    def wrap(function):
        type.__setattr__(cls, name, function)
        return function
    return wrap


@add_method(keras.Layer, "__call__")
def counted(self, *args, **kwargs):
    self.calls_so_far += 1
    return None


def output_size(size, kernel, stride, padding):
    return -(-size // stride) if padding == "same" else (size - kernel) // stride + 1


def conv_params(kernel, c_in, c_out, bias=True):
    return (kernel * kernel * c_in + bias) * c_out


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return kernel * kernel * c_in + (c_in + bias) * c_out
