"""Instead of a formula the functions build the layer and ask Keras.
---
assignment = "residual_networks"
---
"""
# %% conv_arithmetic
import keras


def output_size(size, kernel, stride, padding):
    layer = keras.layers.Conv2D(1, kernel, strides=stride, padding=padding)
    return layer.compute_output_shape((None, size, size, 1))[1]


def count(layer, c_in):
    with keras.StatelessScope():
        layer.build((None, 64, 64, c_in))
    return layer.count_params()


def conv_params(kernel, c_in, c_out, bias=True):
    return count(keras.layers.Conv2D(c_out, kernel, use_bias=bias), c_in)


def separable_conv_params(kernel, c_in, c_out, bias=True):
    return count(keras.layers.SeparableConv2D(c_out, kernel, use_bias=bias), c_in)
