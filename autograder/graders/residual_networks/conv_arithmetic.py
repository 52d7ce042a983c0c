"""conv_arithmetic: sizes and parameters of convolutions, as Keras itself builds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.answers.questions import Calls, Question
from autograder.judge import Answers, expect, weight

# ruff: noqa: ARG005 — what a wrong formula leaves out is the point of it

Formula = Callable[..., float]

WRONG_SAME: Mapping[str, Formula] = {
    "same_rounds_down": lambda size, kernel, stride, padding: size // stride,
    "same_ignores_stride": lambda size, kernel, stride, padding: size,
    "padding_ignored": lambda size, kernel, stride, padding: (size - kernel) // stride + 1,
}
WRONG_VALID: Mapping[str, Formula] = {
    "valid_loses_whole_kernel": lambda size, kernel, stride, padding: (size - kernel) // stride,
    "valid_rounds_up": lambda size, kernel, stride, padding: -(-(size - kernel) // stride) + 1,
    "padding_ignored": lambda size, kernel, stride, padding: -(-size // stride),
}
WRONG_PARAMS: Mapping[str, Formula] = {
    "bias_flag_ignored": lambda kernel, c_in, c_out, bias=True: (kernel**2 * c_in + 1) * c_out,
    "bias_once_for_all": lambda kernel, c_in, c_out, bias=True: kernel**2 * c_in * c_out + bias,
    "bias_per_input": lambda kernel, c_in, c_out, bias=True: (kernel**2 * c_out + bias) * c_in,
    "input_channels_forgotten": lambda kernel, c_in, c_out, bias=True: (kernel**2 + bias) * c_out,
    "kernel_not_squared": lambda kernel, c_in, c_out, bias=True: (kernel * c_in + bias) * c_out,
}
WRONG_SEPARABLE: Mapping[str, Formula] = {
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


def questions(rng: np.random.Generator) -> dict[str, Question]:
    even = 4 * rng.choice(range(4, 50), 2, replace=False)
    odd = 2 * rng.choice(range(8, 100), 2, replace=False) + 1
    layers = [
        (int(kernel), int(c_in), int(c_out))
        for kernel, c_in, c_out in zip(
            (1, 3, 5, 7), rng.integers(2, 60, 4), rng.integers(61, 130, 4), strict=True
        )
    ]
    return {
        "same": Calls("output_size", _grid((*even, *odd), (3, 5), (1,), "same")),
        "same_even": Calls("output_size", _grid(even, (1, 2, 3), (2, 4), "same")),
        "same_odd": Calls("output_size", _grid(odd, (1, 2, 3), (2, 3, 4), "same")),
        "valid": Calls("output_size", _grid((*even, *odd), (1, 3, 4, 7), (1,), "valid")),
        "valid_strided": Calls("output_size", _grid((*even, *odd), (2, 3, 5), (2, 3), "valid")),
        "params": Calls("conv_params", tuple(layers)),
        "params_flag": Calls(
            "conv_params", tuple((*layer, flag) for layer in layers for flag in (False, True))
        ),
        "separable": Calls("separable_conv_params", tuple(layers[1:])),
        "separable_flag": Calls(
            "separable_conv_params",
            tuple((*layer, flag) for layer in layers[1:] for flag in (False, True)),
        ),
    }


def test_same_keeps_the_size(answers: Answers) -> None:
    """With `same` padding and stride 1, the output is as large as the input."""
    _agree(answers, "same", keras_size, WRONG_SAME)


def test_same_divides_multiples(answers: Answers) -> None:
    """With `same` padding, stride s divides a size that is a multiple of s by s,
    whatever the kernel.
    """
    _agree(answers, "same_even", keras_size, WRONG_SAME)


@weight(2)
def test_same_rounds_up_odd_sizes(answers: Answers) -> None:
    """With `same` padding and a stride, a size that does not divide evenly is rounded up."""
    _agree(answers, "same_odd", keras_size, WRONG_SAME)


@weight(2)
def test_valid_loses_the_border(answers: Answers) -> None:
    """With `valid` padding and stride 1, a kernel of k pixels costs k − 1 of them."""
    _agree(answers, "valid", keras_size, WRONG_VALID)


@weight(2)
def test_valid_with_strides(answers: Answers) -> None:
    """With `valid` padding and a stride, only whole steps of the kernel count."""
    _agree(answers, "valid_strided", keras_size, WRONG_VALID)


@weight(2)
def test_conv_params(answers: Answers) -> None:
    """A convolution has one k × k × c_in kernel for each output channel,
    and by default one bias for each.
    """
    _agree(answers, "params", keras_conv, WRONG_PARAMS)


def test_conv_params_without_bias(answers: Answers) -> None:
    """`bias` decides whether a convolution's biases are counted."""
    _agree(answers, "params_flag", keras_conv, WRONG_PARAMS)


@weight(2)
def test_separable_params(answers: Answers) -> None:
    """A separable convolution has one k × k filter for each input channel,
    then a 1 × 1 convolution with its bias.
    """
    _agree(answers, "separable", keras_separable, WRONG_SEPARABLE)


def test_separable_params_without_bias(answers: Answers) -> None:
    """`bias` decides whether a separable convolution's biases are counted."""
    _agree(answers, "separable_flag", keras_separable, WRONG_SEPARABLE)


def keras_size(size: int, kernel: int, stride: int, padding: str) -> int:
    import keras

    layer = keras.layers.Conv2D(1, kernel, strides=stride, padding=padding)
    return int(layer.compute_output_shape((1, size, size, 1))[1])


def keras_conv(kernel: int, c_in: int, c_out: int, bias: bool = True) -> int:
    import keras

    return _count(keras.layers.Conv2D(c_out, kernel, use_bias=bias), c_in)


def keras_separable(kernel: int, c_in: int, c_out: int, bias: bool = True) -> int:
    import keras

    return _count(keras.layers.SeparableConv2D(c_out, kernel, use_bias=bias), c_in)


def _count(layer: Any, channels: int) -> int:
    import keras

    with keras.StatelessScope():
        layer.build((None, 16, 16, channels))
        return int(layer.count_params())


def _agree(
    answers: Answers, question: str, keras_says: Formula, wrong: Mapping[str, Formula]
) -> None:
    given, cases = answers.values(question), answers.cases(question)
    right = [keras_says(*case) for case in cases]
    mistakes = [
        name for name, formula in wrong.items() if [formula(*case) for case in cases] == given
    ]
    if keras_says is keras_size and any(
        isinstance(size, float) and not size.is_integer() for size in given
    ):
        mistakes = ["size_not_whole"]
    differing = next((n for n in range(len(cases)) if given[n] != right[n]), 0)
    expect(
        given == right,
        expected=f"{answers.words(question, differing)} = {right[differing]}, as Keras builds it",
        found=repr(given[differing]),
        misconception=next(iter(mistakes), None),
    )


def _grid(
    sizes: Any, kernels: tuple[int, ...], strides: tuple[int, ...], padding: str
) -> tuple[tuple[Any, ...], ...]:
    return tuple(
        (int(size), kernel, stride, padding)
        for size in sizes
        for kernel in kernels
        for stride in strides
    )
