"""Sizes and parameters of convolutions, as Keras has them and as they are got wrong."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

# ruff: noqa: ARG005 — what a wrong formula leaves out is the point of it

Formula = Callable[..., float]
Formulas = Mapping[str, Formula]  # by the mistake

WRONG_SAME: Formulas = {
    "same_rounds_down": lambda size, kernel, stride, padding: size // stride,
    "same_ignores_stride": lambda size, kernel, stride, padding: size,
    "padding_ignored": lambda size, kernel, stride, padding: (size - kernel) // stride + 1,
}
WRONG_VALID: Formulas = {
    "valid_loses_whole_kernel": lambda size, kernel, stride, padding: (size - kernel) // stride,
    "valid_rounds_up": lambda size, kernel, stride, padding: -(-(size - kernel) // stride) + 1,
    "padding_ignored": lambda size, kernel, stride, padding: -(-size // stride),
}
WRONG_PARAMS: Formulas = {
    "bias_flag_ignored": lambda kernel, c_in, c_out, bias=True: (kernel**2 * c_in + 1) * c_out,
    "bias_once_for_all": lambda kernel, c_in, c_out, bias=True: kernel**2 * c_in * c_out + bias,
    "bias_per_input": lambda kernel, c_in, c_out, bias=True: (kernel**2 * c_out + bias) * c_in,
    "input_channels_forgotten": lambda kernel, c_in, c_out, bias=True: (kernel**2 + bias) * c_out,
    "kernel_not_squared": lambda kernel, c_in, c_out, bias=True: (kernel * c_in + bias) * c_out,
}
WRONG_SEPARABLE: Formulas = {
    "bias_flag_ignored": lambda kernel, c_in, c_out, bias=True: (kernel**2 + c_out) * c_in + c_out,
    "separable_two_biases": lambda kernel, c_in, c_out, bias=True: (
        (kernel**2 + bias + c_out) * c_in + bias * c_out
    ),
    "separable_like_plain": lambda kernel, c_in, c_out, bias=True: (
        (kernel**2 * c_in + bias) * c_out
    ),
    "pointwise_forgotten": lambda kernel, c_in, c_out, bias=True: (kernel**2 + bias) * c_in,
    "depthwise_forgotten": lambda kernel, c_in, c_out, bias=True: (c_in + bias) * c_out,
    "depthwise_over_output": lambda kernel, c_in, c_out, bias=True: (
        (kernel**2 + c_in + bias) * c_out
    ),
    "kernel_not_squared": lambda kernel, c_in, c_out, bias=True: (
        (kernel + c_out) * c_in + bias * c_out
    ),
}


def keras_size(size: int, kernel: int, stride: int, padding: str) -> int:
    layer = _convolution(kernel, stride, padding)
    return int(layer.compute_output_shape((1, size, size, 1))[1])


@functools.cache
def _convolution(kernel: int, stride: int, padding: str) -> Any:
    import keras

    return keras.layers.Conv2D(1, kernel, strides=stride, padding=padding)


def keras_conv(kernel: int, c_in: int, c_out: int, bias: bool = True) -> int:
    import keras

    return _count(keras.layers.Conv2D(c_out, kernel, use_bias=bias), c_in)


def keras_separable(kernel: int, c_in: int, c_out: int, bias: bool = True) -> int:
    import keras

    return _count(keras.layers.SeparableConv2D(c_out, kernel, use_bias=bias), c_in)


def _count(layer: Any, channels: int) -> int:
    import keras

    with keras.StatelessScope(initialize_variables=False):  # shapes will do
        layer.build((None, 16, 16, channels))
        return int(layer.count_params())
