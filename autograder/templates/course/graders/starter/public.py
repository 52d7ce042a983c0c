"""What `labkit.check` knows of the tasks: kind and shape, and the likely mistake. No answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from labkit.checks import Line, Public, is_model


def build_model(function: Callable[..., Any]) -> Iterator[Line]:
    """A model for four numbers and three classes."""
    model = function(4, 3)
    yield is_model(model), "build_model(4, 3) gives a model", "Is the `return` missing?"
    if is_model(model):
        shapes = (tuple(model.input_shape), tuple(model.output_shape))
        yield (
            shapes == ((None, 4), (None, 3)),
            "it turns 4 numbers into 3",
            f"It turns {shapes[0]} into {shapes[1]}; None stands for the batch.",
        )


TASKS = {"build_model": Public(("build_model",), build_model)}
