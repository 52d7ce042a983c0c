"""Parameters counted from the configuration are Keras' own, or said to be unknown; a claim that
hangs on what is unknown is refused.
"""

import json
import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from autograder.architecture import Architecture, match, read
from autograder.architecture.parameters import bounds, count_parameters, with_weights
from autograder.errors import ArchitectureError
from autograder.rooms.export import export

L = keras.layers

IMAGE, STEPS, FILM = (8, 8, 3), (5, 8), (5, 8, 8, 3)


def chain(shape: tuple[int, ...], *layers: Any) -> keras.Model:
    x = given = keras.Input(shape)
    for layer in layers:
        x = layer(x)
    return keras.Model(given, x)


def held(layer: Any) -> Any:
    """The layer, frozen."""
    layer.trainable = False
    return layer


def part(*frozen: int) -> keras.Model:
    """A model for a frame, some of its layers frozen."""
    layers = [L.Conv2D(4, 3), L.BatchNormalization(), L.Flatten(), L.Dense(2)]
    for number in frozen:
        layers[number].trainable = False
    return keras.Sequential([keras.Input(IMAGE), *layers])


class Own(keras.layers.Layer):  # type: ignore[misc]
    """A layer with a weight of its own, and a batch norm inside."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.norm = L.BatchNormalization()

    def build(self, shape: Any) -> None:
        """Make the weights."""
        self.scale = self.add_weight(shape=(shape[-1],))
        self.norm.build(shape)

    def call(self, x: Any) -> Any:
        """Scale, then normalise."""
        return self.norm(x * self.scale)


def low_rank(place: int) -> keras.Model:
    model = chain(IMAGE, L.Conv2D(4, 3), L.Flatten(), L.Dense(16))
    model.layers[place].enable_lora(2)
    return model


def quantised(mode: str) -> keras.Model:
    model = keras.Sequential([keras.Input((8,)), L.Dense(16), L.Dense(4)])
    model.quantize(mode)
    return model


def with_itself(layer: Any) -> keras.Model:
    given = keras.Input(STEPS)
    return keras.Model(given, layer([given, given]))


def halves() -> keras.Model:
    return chain(
        STEPS,
        L.Bidirectional(
            L.LSTM(4, return_sequences=True),
            backward_layer=held(L.GRU(4, return_sequences=True, go_backwards=True)),
        ),
    )


def twice() -> keras.Model:
    inner, given = part(), [keras.Input(IMAGE), keras.Input(IMAGE)]
    return keras.Model(given, inner(given[0]) + inner(given[1]))


MODELS: dict[str, Callable[[], keras.Model]] = {
    "a model in each step": lambda: chain(FILM, L.TimeDistributed(part())),
    "a model with frozen parts": lambda: chain(FILM, L.TimeDistributed(part(0, 1))),
    "a frozen model in each step": lambda: chain(FILM, L.TimeDistributed(held(part()))),
    "a frozen layer in each step": lambda: chain(STEPS, L.TimeDistributed(held(L.Dense(3)))),
    "a frozen wrapper": lambda: chain(STEPS, held(L.TimeDistributed(L.Dense(3)))),
    "a batch norm in each step": lambda: chain(STEPS, L.TimeDistributed(L.BatchNormalization())),
    "wrapped twice": lambda: chain(
        (4, *FILM), L.TimeDistributed(L.TimeDistributed(L.Conv2D(2, 3)))
    ),
    "both directions": lambda: chain(STEPS, L.Bidirectional(L.GRU(4))),
    "two directions unlike each other": halves,
    "frozen in both directions": lambda: chain(STEPS, L.Bidirectional(held(L.LSTM(4)))),
    "a spectral norm": lambda: chain(IMAGE, L.SpectralNormalization(L.Conv2D(4, 3))),
    "a spectral norm, transposed": lambda: chain(
        IMAGE, L.SpectralNormalization(L.Conv2DTranspose(4, 3))
    ),
    "a spectral norm, depthwise": lambda: chain(
        IMAGE, L.SpectralNormalization(L.DepthwiseConv2D(3))
    ),
    "a spectral norm, frozen": lambda: chain(IMAGE, L.SpectralNormalization(held(L.Dense(4)))),
    "a layer of one's own": lambda: chain((8,), L.Dense(3), Own()),
    "a frozen layer of one's own": lambda: chain((8,), L.Dense(3), held(Own())),
    "low-rank factors in a convolution": lambda: low_rank(1),
    "low-rank factors in a dense layer": lambda: low_rank(3),
    "eight bits": lambda: quantised("int8"),
    "four bits": lambda: quantised("int4"),
    "floats of eight bits": lambda: quantised("float8"),
    "half precision": lambda: chain((8,), L.Dense(4, dtype="mixed_float16")),
    "a nested model, partly frozen": lambda: chain(IMAGE, part(0)),
    "a nested model, called twice": twice,
    "a layer called twice": lambda: chain((8,), *[L.Dense(8)] * 2),
    "cells": lambda: chain(STEPS, L.RNN([L.LSTMCell(3), L.GRUCell(4)])),
    "convolutions over time": lambda: chain(FILM, L.ConvLSTM2D(3, 3)),
    "attention of groups": lambda: with_itself(lambda x: L.GroupQueryAttention(4, 4, 2)(*x)),
    "additive attention": lambda: with_itself(L.AdditiveAttention()),
    "attention by sums": lambda: with_itself(L.Attention(use_scale=True, score_mode="concat")),
    "norms": lambda: chain(
        IMAGE, L.LayerNormalization(axis=[1, 2]), L.GroupNormalization(3), L.RMSNormalization()
    ),
    "statistics": lambda: chain(IMAGE, L.Normalization(), L.Normalization(mean=1.0, variance=2.0)),
}


@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize` method")
@pytest.mark.parametrize("case", MODELS)
def test_parameters_are_those_that_keras_counts_or_unknown(case: str) -> None:
    """From the configuration, from the live model, and from what the student room hands over."""
    model = MODELS[case]()
    total = model.count_params()
    trainable = sum(math.prod(weight.shape) for weight in model.trainable_weights)
    handed_over = json.loads(export(model, weights=False)[0])
    for source in (model.to_json(), model, handed_over):
        counts = count_parameters(read(source))
        known = (counts.total, counts.trainable) == (total, trainable)
        assert known or (counts.unknown and counts.total < total)


def unknown() -> Architecture:
    """72 parameters that can be counted, and a layer of which nothing is known."""
    return read(chain((8,), L.Dense(8), Own(name="mine")).to_json())


@pytest.mark.parametrize(
    ("claim", "holds"),
    [("parameters <= 71", False), ("parameters > 71", True), ("parameters == 71", False),
     ("parameters != 71", True), ("parameters >= 72", True), ("trainable <= 71", False),
     ("parameters <= 100", None), ("parameters == 100", None), ("parameters >= 100", None),
     ("not parameters <= 100", None), ("trainable <= 72", None), ("non_trainable == 0", None),
     ("kernels == 64", None), ("kernels == 63", False)],
)  # fmt: skip
def test_a_claim_on_what_is_unknown_is_refused(claim: str, holds: bool | None) -> None:
    """Unless what is known settles it."""
    if holds is not None:
        assert match(claim, unknown()).ok is holds
    else:
        with pytest.raises(ArchitectureError, match=r"at least .* without those of «mine»"):
            match(claim, unknown())


def test_layers_that_may_have_weights_are_among_those_that_have() -> None:
    """Whether two inputs share them is asked of these too."""
    assert [node.name for node in with_weights(unknown())][-1] == "mine"


def test_what_a_wrapper_holds_leaves_the_kernels_open() -> None:
    """They are not looked into."""
    arch = read(chain(IMAGE, L.SpectralNormalization(L.Conv2D(4, 3))).to_json())
    assert bounds(arch, "kernels") == (0, math.inf)
    assert bounds(arch, "parameters") == (116, 116)


def test_where_keras_counted_otherwise_both_numbers_bound_the_claim() -> None:
    """A layer in two nested models has two configurations, and is one."""
    shared = L.Dense(8)
    first = keras.Sequential([keras.Input((8,)), shared])
    second = keras.Sequential([keras.Input((8,)), shared, L.Dense(3)])
    arch = read(json.loads(export(chain((8,), first, second), weights=False)[0]))
    assert bounds(arch, "parameters") == (99, 171)
    assert match("parameters <= 171", arch).ok
    assert not match("parameters <= 98", arch).ok
    with pytest.raises(ArchitectureError, match="99 to 171"):
        match("parameters <= 150", arch)
    assert bounds(arch, "kernels")[0] == bounds(arch, "trainable")[0] == 0


def test_plain_arrays_do_not_say_what_trains() -> None:
    """Of a layer that can't be looked into; their number is known."""
    model = chain((8,), L.Dense(8), Own(name="mine"))
    arrays = {
        f"mine:{n}": np.zeros(weight.shape) for n, weight in enumerate(model.layers[2].weights)
    }
    arch = read((model.to_json(), arrays))
    assert count_parameters(arch).undivided == ("mine",)
    assert match(f"parameters == {model.count_params()}", arch).ok
    with pytest.raises(ArchitectureError, match="trainable"):
        match("trainable <= 80", arch)
