"""What the graders of models with several ends share: named ends, and the two branches of a
comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from autograder.answers.questions import Question, Snippet
from autograder.architecture import Architecture
from autograder.architecture.facts import Head, heads
from autograder.architecture.witnesses import outputs
from autograder.judge.answers import Answers
from autograder.judge.expectations import Failure, expect, listed
from autograder.judge.structure import at

NAMES = """
import keras
model = notebook[given["function"]](*given["args"])
inputs = model.input
if isinstance(inputs, dict):
    answer = list(inputs)
else:
    answer = [tensor.name for tensor in keras.tree.flatten(inputs)]
"""


class Comparison(NamedTuple):
    """The two tensors that a model of two inputs compares, and the model from them on."""

    shapes: tuple[tuple[int | None, ...], ...]  # batch left out
    rest: Any  # keras.Model of two vectors


def names_of_inputs(function: str, *args: Any) -> Question:
    """Ask for the names under which a model takes its inputs:
    an input's own, or the key of a dictionary.
    """
    return Snippet(NAMES, {"function": function, "args": args})


def expect_named_inputs(answers: Answers, question: str, wanted: set[str]) -> None:
    """Fail unless the inputs go by these names."""
    found = set(answers.value(question))
    expect(
        found == wanted,
        f"inputs named {listed(sorted(wanted), len(wanted))}",
        listed(sorted(found), len(found)),
        misconception="inputs_unnamed",
    )


def probabilities(model: Any, seed: int = 0) -> np.ndarray:
    """What a model with one output gives for random inputs of several magnitudes, row by row."""
    found = [
        np.asarray(outputs(model, random_inputs(model, scale, seed)))
        for scale in (1.0, 20.0, 255.0)
    ]
    return np.concatenate(found).astype("float64")


def random_inputs(model: Any, scale: float, seed: int = 0, n: int = 8) -> list[np.ndarray]:
    """Numbers between 0 and `scale` for each input."""
    rng = np.random.default_rng(seed)
    return [
        rng.uniform(0, scale, (n, *tensor.shape[1:])).astype("float32") for tensor in model.inputs
    ]


def adds_up_to_one(values: np.ndarray) -> bool:
    """Whether each row is a distribution."""
    return bool(np.allclose(values.sum(axis=-1), 1, atol=1e-3) and (values >= 0).all())


def is_sigmoid(head: Head, values: np.ndarray) -> bool:
    """Whether an output is a sigmoid, by its activation,
    or by its values where that is written out.
    """
    if head.activation != "linear" or head.node is head.layer:
        return head.activation == "sigmoid"
    return bool(((values >= 0) & (values <= 1)).all())


def named_heads(architecture: Architecture, classes: int) -> dict[str, Head]:
    """The heads `label` and `box`: by name, or by their size where they have no such names.

    Raises:
        Failure: there are no two such outputs.
    """
    found = {head.name: head for head in heads(architecture)}
    if {"label", "box"} <= set(found):
        return found
    by_size = {head.units: head for head in heads(architecture)}
    if len(heads(architecture)) == 2 and {classes, 4} <= set(by_size):
        return {"label": by_size[classes], "box": by_size[4]}
    sizes = ", ".join(f"«{head.name}» of size {head.units}" for head in heads(architecture))
    raise Failure(
        f"two outputs, label of size {classes} and box of size 4",
        sizes,
        misconception=heads_mistake(architecture),
        place=at(h.node for h in heads(architecture)),
    )


def heads_mistake(architecture: Architecture) -> str | None:
    """Why there are no two heads of the right size."""
    if any(head.rank == 4 for head in heads(architecture)):
        return "dense_on_feature_map"
    return "one_output" if len(heads(architecture)) == 1 else None


def head_models(model: Any, architecture: Architecture, classes: int) -> dict[str, Any]:
    """A model for each head of a rebuilt model, on the same layers."""
    import keras

    order = [head.name for head in heads(architecture)]
    flat = list(model.output.values()) if isinstance(model.output, dict) else list(model.outputs)
    if isinstance(model.output, dict):
        order = list(model.output)
    known = {name: head.name for name, head in named_heads(architecture, classes).items()}
    return {
        name: keras.Model(model.inputs[0], flat[order.index(own)])
        for name, own in known.items()
        if own in order
    }


def comparison(model: Any) -> Comparison | None:
    """Where the two inputs of a rebuilt model meet:
    None unless one tensor of each side meets the other.
    """
    import keras

    reached = {id(tensor): 1 << place for place, tensor in enumerate(model.inputs)}
    edge: dict[int, dict[int, Any]] = {1: {}, 2: {}}

    def reach(tensor: Any) -> int:
        if id(tensor) not in reached:
            history = tensor._keras_history  # noqa: SLF001
            parents = history.operation._inbound_nodes[history.node_index].input_tensors  # noqa: SLF001
            sides = [reach(parent) for parent in parents]
            reached[id(tensor)] = bits = int(np.bitwise_or.reduce([0, *sides]))
            if bits == 3:
                for parent, side in zip(parents, sides, strict=True):
                    edge.get(side, {})[id(parent)] = parent
        return reached[id(tensor)]

    reach(model.outputs[0])
    if [len(edge[1]), len(edge[2])] != [1, 1]:
        return None
    pair = [next(iter(edge[side].values())) for side in (1, 2)]
    return Comparison(
        tuple(tuple(tensor.shape[1:]) for tensor in pair), keras.Model(pair, model.outputs[0])
    )


@contextmanager
def shaken(model: Any, seed: int = 0) -> Iterator[None]:
    """While this lasts, a rebuilt model's kernels are random:
    what holds does so whatever it begins with, zeros too.
    """
    rng, before = np.random.default_rng(seed), model.get_weights()
    for variable in model.trainable_variables:
        if len(variable.shape) > 1:
            variable.assign(rng.normal(size=variable.shape) / np.prod(variable.shape[:-1]) ** 0.5)
        elif variable.name == "gamma":
            variable.assign(np.ones(variable.shape))
    try:
        yield
    finally:
        model.set_weights(before)
