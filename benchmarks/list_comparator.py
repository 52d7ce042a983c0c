"""A comparator of lists, as public course graders compare models:
class, output shape, parameters, in order.

Written anew from that description, as the baseline of benchmarks/mutations.py. `settings` adds what
the fuller ones append for single classes: padding and activation of convolutions, activation of
dense layers, sizes of poolings, rate of dropouts. Such graders leave names out; what they print is
the expected entry and the one that was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SETTINGS = {
    "Conv2D": ("padding", "activation"),
    "SeparableConv2D": ("padding", "activation"),
    "Conv2DTranspose": ("padding", "activation"),
    "Dense": ("activation",),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "Dropout": ("rate",),
    "ZeroPadding2D": ("padding",),
}


@dataclass(frozen=True)
class Difference:
    """The first place at which two lists differ, and what stands there; "nothing" past the end."""

    place: int
    expected: str
    found: str
    # the name of the layer there, which these graders do not print: a student can count up to it
    layer: str


def summary(model: Any, settings: bool = False) -> list[list[Any]]:
    """One entry for each of `model.layers`."""
    return [_entry(layer, settings) for layer in model.layers]


def compare(model: Any, reference: list[list[Any]], settings: bool = False) -> Difference | None:
    """Where a model's list first differs from the reference's; None where they are equal."""
    entries = summary(model, settings)
    for place in range(max(len(entries), len(reference))):
        expected, found = (
            str(each[place]) if place < len(each) else "nothing" for each in (reference, entries)
        )
        if expected != found:
            return Difference(
                place, expected, found, model.layers[place].name if place < len(entries) else ""
            )
    return None


def _entry(layer: Any, settings: bool) -> list[Any]:
    output = layer.output if hasattr(layer, "output") else layer._inbound_nodes[0].output_tensors[0]  # noqa: SLF001
    name = type(layer).__name__
    more = [_plain(getattr(layer, key)) for key in SETTINGS.get(name, ())] if settings else []
    return [name, _shape(output), layer.count_params(), *more]


def _shape(output: Any) -> Any:
    return output.shape if hasattr(output, "shape") else [each.shape for each in output]


def _plain(value: Any) -> Any:
    return getattr(value, "__name__", value)
