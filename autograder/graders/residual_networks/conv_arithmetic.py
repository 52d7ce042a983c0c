"""conv_arithmetic: sizes and parameters of convolutions, as Keras itself builds them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.judge import Calls, Case, Question, cases, expect, weight

from ._formulas import (
    WRONG_PARAMS,
    WRONG_SAME,
    WRONG_SEPARABLE,
    WRONG_VALID,
    Formula,
    Formulas,
    keras_conv,
    keras_separable,
    keras_size,
)
from ._mistakes import formula_mistake

FLOATS = "The numbers are right, but floats such as 32.0, which no layer takes as its size."


def questions(rng: np.random.Generator) -> dict[str, Question]:
    even = 4 * rng.choice(range(4, 50), 2, replace=False)
    odd = 2 * rng.choice(range(8, 100), 2, replace=False) + 1
    layers = [
        (int(kernel), int(few), int(many))
        for kernel, few, many in zip(
            (1, 3, 4, 7), rng.integers(2, 60, 4), rng.integers(61, 130, 4), strict=True
        )
    ]
    layers.append((2, layers[0][2], layers[1][1]))  # fewer out than in
    return {
        "same": Calls("output_size", _grid((*even, *odd), (2, 3, 4, 5), (1,), "same")),
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


@cases("same")
def test_same_keeps_the_size(case: Case) -> None:
    """With `same` padding and stride 1, the output is as large as the input."""
    expect_as_keras(case, keras_size, WRONG_SAME)


@cases("same_even")
def test_same_divides_multiples(case: Case) -> None:
    """With `same` padding, stride s divides a size that is a multiple of s by s,
    whatever the kernel.
    """
    expect_as_keras(case, keras_size, WRONG_SAME)


@weight(2)
@cases("same_odd")
def test_same_rounds_up_odd_sizes(case: Case) -> None:
    """With `same` padding and a stride, a size that does not divide evenly is rounded up."""
    expect_as_keras(case, keras_size, WRONG_SAME)


@weight(2)
@cases("valid")
def test_valid_loses_the_border(case: Case) -> None:
    """With `valid` padding and stride 1, a kernel of k pixels costs k − 1 of them."""
    expect_as_keras(case, keras_size, WRONG_VALID)


@weight(2)
@cases("valid_strided")
def test_valid_with_strides(case: Case) -> None:
    """With `valid` padding and a stride, only whole steps of the kernel count."""
    expect_as_keras(case, keras_size, WRONG_VALID)


@weight(2)
@cases("params")
def test_conv_params(case: Case) -> None:
    """A convolution has one k × k × c_in kernel for each output channel,
    and by default one bias for each.
    """
    expect_as_keras(case, keras_conv, WRONG_PARAMS)


@cases("params_flag")
def test_conv_params_without_bias(case: Case) -> None:
    """`bias` decides whether a convolution's biases are counted."""
    expect_as_keras(case, keras_conv, WRONG_PARAMS)


@weight(2)
@cases("separable")
def test_separable_params(case: Case) -> None:
    """A separable convolution has one k × k filter for each input channel,
    then a 1 × 1 convolution with its bias.
    """
    expect_as_keras(case, keras_separable, WRONG_SEPARABLE)


@cases("separable_flag")
def test_separable_params_without_bias(case: Case) -> None:
    """`bias` decides whether a separable convolution's biases are counted."""
    expect_as_keras(case, keras_separable, WRONG_SEPARABLE)


def expect_as_keras(case: Case, rule: Formula, wrong: Formulas) -> None:
    """Fail unless the values are those of what Keras builds; say so where they are floats."""
    given, calls = case.answers.values(case.name), case.answers.cases(case.name)
    right = [rule(*call) for call in calls]
    place = next((n for n, value in enumerate(right) if given[n] != value), 0)
    wanted = f"{case.answers.words(case.name, place)} = {right[place]}, as Keras builds it"
    expect(given == right, wanted, repr(given[place]), formula_mistake(case, wrong))
    if any(isinstance(value, float) for value in given):
        case.remark(FLOATS)


def _grid(
    sizes: Any, kernels: tuple[int, ...], strides: tuple[int, ...], padding: str
) -> tuple[tuple[Any, ...], ...]:
    return tuple(
        (int(size), kernel, stride, padding)
        for size in sizes
        for kernel in kernels
        for stride in strides
    )
