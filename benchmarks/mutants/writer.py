"""One network written in many ways: a structure says what it is made of,
a spelling says how that is written.

A structure is built through a `Writer`, which has a method for each thing that a network is made
of. A layer is made once for each key, so that calling a method twice with one key shares a layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras
from keras import layers as L  # noqa: N812
from keras import ops

from mutants.spelling import Spelling

Make = Callable[[Any], Any]
FIXED = frozenset({"image", "metadata", "left", "right", "label", "box"})
"""Names that the tasks ask for."""
HAS_CLASS = {"relu": L.ReLU, "softmax": L.Softmax}


@dataclass
class Writer:
    """Writes networks in one spelling; keeps the layers that it made by key."""

    spelling: Spelling = field(default_factory=Spelling)
    made: dict[str, Any] = field(default_factory=dict)
    names: int = 0  # given so far

    def name(self, key: str) -> str | None:
        """What a layer is called."""
        if key in FIXED or self.spelling.names == "plain":
            return key
        if self.spelling.names == "none":
            return None
        if self.spelling.names == "foreign":
            return f"größe {key} λ"
        self.names += 1
        return f"add_or_concatenate_{self.names}"

    def layer(self, key: str, cls: Callable[..., Any], *args: Any, **settings: Any) -> Any:
        """The layer of that key, made when it is asked for first."""
        if key not in self.made:
            if self.spelling.initialised and cls in {L.Conv2D, L.Dense, L.Conv2DTranspose}:
                settings |= {"kernel_initializer": "he_normal", "kernel_regularizer": "l2"}
            self.made[key] = cls(*args, **settings, name=self.name(key))
        return self.made[key]

    def input(self, shape: tuple[int, ...], key: str = "given") -> Any:
        """An input."""
        return keras.Input(shape, name=self.name(key))

    def conv(
        self, x: Any, filters: int, size: int, key: str, activation: str | None = None, *,
        strides: int = 1, padding: str = "same", bias: bool | None = None, last: bool = False,
        norm: bool = False, groups: int = 1,
    ) -> Any:  # fmt: skip
        """A convolution; `norm`: a batch norm after it is free; `last`: nothing may follow."""
        use_bias = self.spelling.bias if bias is None else bias
        x, padding = self.margins(x, size, key, padding)
        normed = norm and self.spelling.norms and not last
        x = self.activated(
            x, None if normed else activation, key, L.Conv2D, filters, size,
            strides=strides, padding=padding, use_bias=use_bias, groups=groups,
        )  # fmt: skip
        if normed:
            x = self.norm(x, f"{key}_free_norm")
            x = self.act(x, activation, f"{key}_activation") if activation else x
        return x if last else self.spare(x, key)

    def sepconv(
        self, x: Any, filters: int, size: int, key: str, *, strides: int = 1, bias: bool = False
    ) -> Any:
        """A separable convolution."""
        if self.spelling.separable == "whole":
            x, padding = self.margins(x, size, key, "same")
            x = self.layer(
                key,
                L.SeparableConv2D,
                filters,
                size,
                strides=strides,
                padding=padding,
                use_bias=bias,
            )(x)
            return self.spare(x, key)
        x = self.depthwise(x, size, f"{key}_depthwise", strides=strides)
        return self.spare(self.layer(key, L.Conv2D, filters, 1, use_bias=bias)(x), key)

    def depthwise(self, x: Any, size: int, key: str, *, strides: int = 1) -> Any:
        """A depthwise convolution."""
        x, padding = self.margins(x, size, key, "same")
        settings = {"strides": strides, "padding": padding, "use_bias": False}
        if self.spelling.separable == "grouped":
            return self.layer(key, L.Conv2D, x.shape[-1], size, groups=x.shape[-1], **settings)(x)
        return self.layer(key, L.DepthwiseConv2D, size, **settings)(x)

    def rise(self, x: Any, filters: int, key: str, factor: int = 2) -> Any:
        """Height and width times `factor`, with weights."""
        how = self.spelling.rising
        if how == "transposed":
            return self.layer(key, L.Conv2DTranspose, filters, 2, strides=factor, padding="same")(x)
        if how == "resized":
            x = self.layer(f"{key}_larger", L.Resizing, x.shape[1] * factor, x.shape[2] * factor)(x)
        else:
            x = self.layer(f"{key}_larger", L.UpSampling2D, factor)(x)
        return self.conv(x, filters, 2 if how == "upsampling" else 3, key)

    def dense(self, x: Any, units: int, key: str, activation: str | None = None) -> Any:
        """A dense layer."""
        return self.activated(x, activation, key, L.Dense, units)

    def activated(
        self,
        x: Any,
        activation: str | None,
        key: str,
        cls: Callable[..., Any],
        *args: Any,
        **more: Any,
    ) -> Any:
        """A layer and its activation."""
        how = self.spelling.activation
        given: Any = activation
        if how == "object" and activation in HAS_CLASS:
            given = HAS_CLASS[activation]()
        elif how == "callable" and activation:
            given = getattr(keras.activations, activation)
        elif how in {"layer", "class", "ops", "function"} and activation:
            return self.act(self.layer(key, cls, *args, **more)(x), activation, f"{key}_activation")
        return self.layer(key, cls, *args, activation=given, **more)(x)

    def act(self, x: Any, activation: str, key: str) -> Any:
        """An activation by itself."""
        how = self.spelling.activation
        if how == "ops":
            return getattr(ops, activation)(x)
        if how == "function":
            return getattr(keras.activations, activation)(x)
        if how == "class" and activation in HAS_CLASS:
            return self.layer(key, HAS_CLASS[activation])(x)
        return self.layer(key, L.Activation, activation)(x)

    def norm(self, x: Any, key: str, axis: int = -1) -> Any:
        """A batch norm."""
        return self.layer(key, L.BatchNormalization, axis=axis)(x)

    def add(self, a: Any, b: Any, key: str) -> Any:
        """A sum."""
        a, b = (b, a) if self.spelling.swapped else (a, b)
        how = self.spelling.addition
        if how == "operator":
            return a + b
        if how == "ops":
            return ops.add(a, b)
        return (
            L.add([a, b], name=self.name(key))
            if how == "function"
            else self.layer(key, L.Add)([a, b])
        )

    def concat(self, tensors: Sequence[Any], key: str, axis: int = -1) -> Any:
        """A concatenation."""
        given = list(reversed(tensors)) if self.spelling.swapped else list(tensors)
        if self.spelling.joining == "ops":
            return ops.concatenate(given, axis=axis if axis != -1 else len(given[0].shape) - 1)
        if self.spelling.joining == "function":
            return L.concatenate(given, axis=axis, name=self.name(key))
        return self.layer(key, L.Concatenate, axis=axis)(given)

    def distance(self, a: Any, b: Any, key: str) -> Any:
        """The absolute difference."""
        a, b = (b, a) if self.spelling.swapped else (a, b)
        how = self.spelling.difference
        if how == "lambda":
            return self.layer(key, L.Lambda, lambda pair: ops.abs(pair[0] - pair[1]))([a, b])
        if how == "layer":
            return ops.absolute(self.layer(key, L.Subtract)([a, b]))
        return ops.abs(ops.subtract(a, b) if how == "ops" else a - b)

    def pool(
        self, x: Any, size: int, key: str, *, strides: int, kind: str = "max", padding: str = "same"
    ) -> Any:
        """A pooling."""
        if self.spelling.pooling == "ops":
            pooled = ops.max_pool if kind == "max" else ops.average_pool
            return pooled(x, size, strides, padding=padding)
        cls = L.MaxPooling2D if kind == "max" else L.AveragePooling2D
        return self.layer(key, cls, size, strides=strides, padding=padding)(x)

    def average(self, x: Any, key: str) -> Any:
        """The mean over height and width."""
        how, window = self.spelling.averaging, x.shape[1:3]
        if how == "mean":
            return ops.mean(x, axis=(1, 2))
        if how == "layer":
            return self.layer(key, L.GlobalAveragePooling2D)(x)
        if how == "kept":
            x = self.layer(key, L.GlobalAveragePooling2D, keepdims=True)(x)
        elif how == "ops":
            x = ops.average_pool(x, window)
        elif how == "adaptive":
            x = self.layer(key, L.AdaptiveAveragePooling2D, 1)(x)
        else:
            x = self.layer(key, L.AveragePooling2D, window)(x)
        if how == "reshaped":
            return self.layer(f"{key}_vector", L.Reshape, (-1,))(x)
        return self.layer(f"{key}_vector", L.Flatten)(x)

    def rescale(self, x: Any, key: str) -> Any:
        """From bytes to about one."""
        how = self.spelling.scaling
        if how == "arithmetic":
            return x / 255.0 - 0.5
        if how == "normalization":
            return self.layer(
                key, L.Normalization, mean=[127.5] * x.shape[-1], variance=[100.0] * x.shape[-1]
            )(x)
        if how == "two":
            return self.layer(key, L.Rescaling, 2.0, offset=-1.0)(
                self.layer(f"{key}_first", L.Rescaling, 1 / 255)(x)
            )
        return self.layer(key, L.Rescaling, 1 / 255)(x)

    def augment(self, x: Any, key: str) -> Any:
        """Random changes of images."""

        def changed(x: Any) -> Any:
            x = self.layer(f"{key}_flip", L.RandomFlip, "horizontal")(x)
            return self.layer(f"{key}_turn", L.RandomRotation, 0.1)(x)

        return self.part(changed, x, key, chain=True)

    def dropout(self, x: Any, key: str) -> Any:
        """A dropout that is asked for."""
        return self.layer(key, L.Dropout, 0.3)(x)

    def spare(self, x: Any, key: str) -> Any:
        """Something that changes nothing."""
        how = self.spelling.spare
        if how == "dropout":
            return self.layer(f"{key}_spare", L.Dropout, 0.1)(x)
        if how == "identity":
            return self.layer(f"{key}_spare", L.Identity)(x)
        return self.layer(f"{key}_spare", L.Activation, "linear")(x) if how == "linear" else x

    def margins(self, x: Any, size: int, key: str, padding: str) -> tuple[Any, str]:
        """Zeros around an image and the padding that is left to do."""
        if padding != "same" or size % 2 == 0 or size == 1 or self.spelling.padding == "same":
            return x, padding
        side = size // 2
        if self.spelling.padding == "ops":
            return ops.pad(x, [[0, 0], [side, side], [side, side], [0, 0]]), "valid"
        return self.layer(f"{key}_margin", L.ZeroPadding2D, side)(x), "valid"

    def branches(self, makes: Sequence[Callable[[], Any]]) -> list[Any]:
        """Parallel branches, in order, whichever is defined first."""
        order = range(len(makes))
        made = {
            place: makes[place]()
            for place in (reversed(order) if self.spelling.reversed else order)
        }
        return [made[place] for place in order]

    def part(self, make: Make, x: Any, key: str, *, chain: bool = False) -> Any:
        """A part of a network, as what it is or as something of its own;
        `chain`: one layer after the other.
        """
        how = self.spelling.parts
        if how in {"model", "nested"}:
            if key not in self.made:
                given = keras.Input(x.shape[1:])
                model = keras.Model(given, make(given), name=self.name(key))
                if how == "nested":
                    outer = keras.Input(x.shape[1:])
                    model = keras.Model(outer, model(outer))
                self.made[key] = model
            return self.made[key](x)
        if how == "sequential" and chain:
            if key not in self.made:
                known = len(self.made)
                make(keras.Input(x.shape[1:]))
                self.made[key] = keras.Sequential(
                    list(self.made.values())[known:], name=self.name(key)
                )
            return self.made[key](x)
        return self.layer(key, Own, make)(x) if how == "layer" else make(x)


class Own(L.Layer):  # type: ignore[misc]
    """A layer of a student's own that composes Keras' layers and operations."""

    def __init__(self, make: Make, **settings: Any) -> None:
        super().__init__(**settings)
        self.make = make

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make the layers within."""
        self.make(keras.Input(shape[1:]))

    def call(self, x: Any) -> Any:
        """Call them."""
        return self.make(x)
