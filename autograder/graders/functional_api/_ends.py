"""The ends of models: the names of inputs, what outputs give, the heads `label` and `box`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.architecture import Architecture
from autograder.architecture.facts import Head, heads
from autograder.architecture.witnesses import outputs
from autograder.judge import Case, Failure
from autograder.judge.case import Mistake
from autograder.judge.structure import at
from autograder.judge.trained import TOLERANCE


def names_of_inputs(architecture: Architecture) -> list[str]:
    """The names under which a model takes its inputs: an input's own, or the key of a
    dictionary.
    """
    listed = architecture.config["config"].get("input_layers")
    if isinstance(listed, Mapping):
        return sorted(map(str, listed))
    return sorted({architecture.node(number).name for number in architecture.inputs})


def some_inputs(model: Any, high: float, seed: int) -> list[np.ndarray]:
    """Numbers from 0 to `high` for each input; a side that is free has 64 pixels."""
    rng = np.random.default_rng(seed)
    sizes = [[size or 64 for size in tensor.shape[1:]] for tensor in model.inputs]
    return [rng.uniform(0, high, (8, *size)).astype("float32") for size in sizes]


def probabilities(model: Any, seed: int = 0) -> np.ndarray:
    """What a model with one output gives for random inputs of several magnitudes, row by row."""
    found = [
        np.asarray(outputs(model, some_inputs(model, high, seed))) for high in (1.0, 20.0, 255.0)
    ]
    return np.concatenate(found).astype("float64")


def adds_up_to_one(values: np.ndarray) -> bool:
    """Whether each row is a distribution."""
    return bool(np.allclose(values.sum(axis=-1), 1, atol=TOLERANCE) and (values >= 0).all())


def is_sigmoid(head: Head, values: np.ndarray) -> bool:
    """Whether an output is a sigmoid, by its activation,
    or by its values where that is written out.
    """
    if head.activation != "linear" or head.node is head.layer:
        return head.activation == "sigmoid"
    return bool(((values >= 0) & (values <= 1)).all())


def label_and_box(case: Case, classes: int, mistake: Mistake) -> dict[str, Head]:
    """The heads `label` and `box`: by name, or by their size where they have no such names.

    Raises:
        Failure: there are no two such outputs; `mistake` says why.
    """
    every = heads(case.architecture)
    found = {head.name: head for head in every}
    if {"label", "box"} <= set(found):
        return found
    by_size = {head.units: head for head in every}
    if len(every) == 2 and {classes, 4} <= set(by_size):
        return {"label": by_size[classes], "box": by_size[4]}
    wanted = f"two outputs, label of size {classes} and box of size 4"
    sizes = ", ".join(f"«{head.name}» of size {head.units}" for head in every)
    known = mistake(case) if callable(mistake) else mistake
    raise Failure(wanted, sizes, mistake=known, place=at(head.node for head in every))


def head_models(case: Case, named: Mapping[str, Head]) -> dict[str, Any]:
    """A model for each of these heads, on the layers of the rebuilt model."""
    import keras

    model, names = case.model, [head.name for head in heads(case.architecture)]
    given = model.output
    tensors = given if isinstance(given, dict) else dict(zip(names, model.outputs, strict=True))
    return {
        name: keras.Model(model.inputs[0], tensors[head.name])
        for name, head in named.items()
        if head.name in tensors
    }
