"""sequential_to_functional: a functional model of layers of its own
that computes what the Sequential does.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.witnesses import tolerance
from autograder.judge import (
    Answers,
    Blocked,
    Call,
    Case,
    Question,
    Snippet,
    cases,
    expect,
    needs,
    reported,
    weight,
)
from autograder.judge.structure import at, names

from ._mistakes import (
    class_mistake,
    dropout_mistake,
    lending_mistake,
    operations_mistake,
    outputs_mistake,
    parameters_mistake,
)
from ._twin import (
    ANYTHING,
    MOMENTUM,
    OPERATIONS,
    RATE,
    asked,
    deviation,
    expression,
    numbers_read,
    other_settings,
    parameters,
    taken,
    takes_its_weights,
)

RESTRAINTS = tuple(
    f"{of}_{kind}"
    for of in ("kernel", "bias", "beta", "gamma", "activity")
    for kind in ("regularizer", "constraint")
)
KIND = """
import keras

taken = {}
add = keras.Sequential.add


def watched(model, layer, *args, **kwargs):
    if isinstance(layer, keras.Layer):
        taken.setdefault(id(model), []).append(layer)
    return add(model, layer, *args, **kwargs)


keras.Sequential.add = watched
try:
    model = notebook["build_functional"](*given["args"])
finally:
    keras.Sequential.add = add
probe = keras.Input((1,))
functional = type(keras.Model(probe, probe))


def learning(layer):
    inner = layer._flatten_layers()
    return {id(one) for one in inner if one._trainable_variables or one._non_trainable_variables}


own = learning(model)
shares = [len(own & set().union(*map(learning, layers))) for layers in taken.values()]
answer = {
    "class": type(model).__name__,
    "functional": isinstance(model, functional),
    "sequential": isinstance(model, keras.Sequential),
    "learning": len(own),
    "taken": max(shares, default=0),
}
"""


def questions(rng: np.random.Generator) -> dict[str, Question]:
    height, across = (int(n) for n in rng.choice(range(24, 60), 2, replace=False))
    other = ((height, across, int(rng.choice([1, 2, 4]))), int(rng.choice([2, 3, 4, 5, 7, 8, 9])))
    return {
        "default": Call("build_functional"),
        "other": Call("build_functional", other),
        "kind": Snippet(KIND, {"args": other}, structure=True),
    }


@weight(2)
@reported
def test_functional_model(answers: Answers) -> None:
    """It is a functional model, not a Sequential one."""
    found = answers.value("kind")
    chain = found["sequential"] or is_chain(answers)
    functional = bool(found["functional"]) and not chain
    expect(functional, "a functional keras.Model", f"a {found['class']}", class_mistake(found))


@weight(2)
@reported
def test_layers_of_its_own(answers: Answers) -> None:
    """Its layers are its own: no Sequential is wrapped, and none lends its layers or tensors."""
    found = answers.value("kind")
    taken, layers = found["taken"], found["learning"]
    lent = f"{taken} of its {layers} layers with weights stand in a Sequential, or in a copy of it"
    own = not taken * 2 > layers
    expect(own, "layers that no Sequential holds", lent, lending_mistake(found))


@weight(2)
@needs("test_functional_model", "test_layers_of_its_own")
@cases("default", "other")
def test_arguments(case: Case) -> None:
    """It takes images of the shape asked for, and gives as many numbers as there are classes."""
    (shape, classes), given = asked(case), shape_of_images(case.architecture)
    expect(given == shape, f"an input of shape {shape}", given, mistake="shape_hard_coded")
    case.expect(f"head(units={classes}, rank=2)", mistake=outputs_mistake)


@weight(3)
@needs("test_functional_model", "test_layers_of_its_own")
@cases("default", "other")
def test_operations(case: Case) -> None:
    """It has the same operations in the same order,
    for other shapes and numbers of classes, too.
    """
    _, classes = taken(case)
    case.expect(expression(classes), mistake=operations_mistake)
    case.expect(f'count("{ANYTHING}") == {len(OPERATIONS) + 2}')


@weight(2)
@needs("test_functional_model", "test_layers_of_its_own")
@cases("default", "other")
def test_parameters(case: Case) -> None:
    """It has as many parameters as the Sequential model."""
    shape, classes = taken(case)
    # where another tensor is flattened, which has its price above, the last layer reads it
    read = None if case.says(expression(classes)) else numbers_read(case)
    claim = f"parameters == {parameters(shape, classes, read)}"
    case.expect(claim, mistake=parameters_mistake)


@weight(2)
@needs("test_parameters")
@cases("default", "other")
def test_same_numbers(case: Case) -> None:
    """With the same weights, both give the same numbers for the same images."""
    shape, classes = taken(case)
    if not takes_its_weights(case.model, shape, classes):
        raise Blocked("test_operations", "the Sequential's weights have no place in it")
    off, allowed = deviation(case.model, shape, classes), tolerance(case.model, 1e-4)
    others = other_settings(case.architecture, shape, classes)
    found, place = f"others, by up to {off:.2g}{because(others)}", at(node for node, _ in others)
    expect(off <= allowed, "the same numbers", found, mistake="other_settings", place=place)


@needs("test_functional_model", "test_layers_of_its_own")
@cases("default")
def test_training(case: Case) -> None:
    """What shows in training only is the same, too: the rate of the dropout,
    the momentum of the batch norm, nothing frozen or regularised.
    """
    dropouts = dropouts_of(case.architecture)
    rates, known = rates_of(dropouts), dropout_mistake(dropouts)
    wanted, found, place = f"a dropout of {RATE}", ", ".join(map(str, rates)), at(dropouts)
    expect(rates == [RATE], wanted, found or "none", mistake=known, place=place)
    read = [(node, training_settings(node)) for node in case.architecture.nodes]
    others = [(node, settings) for node, settings in read if settings]
    wanted, place = "layers that train as the original's do", at(node for node, _ in others)
    found = f"others{because(others)}"
    expect(not others, wanted, found, mistake="other_training_settings", place=place)


def is_chain(answers: Answers) -> bool:
    """Whether the description of the model is that of a Sequential one."""
    answer = answers.outcome("other")
    return answer.outcome == "model" and "input_layers" not in answer.config()["config"]


def shape_of_images(architecture: Architecture) -> tuple[int | None, ...]:
    """What the first input takes, the batch left out."""
    return (architecture.node(architecture.inputs[0]).shape or ())[1:]


def dropouts_of(architecture: Architecture) -> list[Node]:
    """The layers that leave out numbers by chance, in order."""
    form = canonical(architecture, frozenset({"dropout"}))
    return [node for node in form.nodes if node.kind == "dropout"]


def training_settings(node: Node) -> list[str]:
    """The settings of a layer that show in training, and that the original's have not."""
    restrained = [f"a {name}" for name in RESTRAINTS if node.config.get(name)]
    slower = node.kind == "bn" and node.config.get("momentum") != MOMENTUM
    frozen = not node.trainable
    return [*restrained, *slower * ["another momentum"], *frozen * ["trainable=False"]]


def because(others: Iterable[tuple[Node, Iterable[str]]]) -> str:
    """The layers with other settings, and which."""
    parts = [f"{names([node])} has {' and '.join(known)}" for node, known in others]
    return "".join(f"; {part}" for part in parts)


def rates_of(dropouts: Iterable[Node]) -> list[float | str | None]:
    """The share of numbers that each of them leaves out; of what is no plain dropout, its class."""
    return [node.config.get("rate") if node.cls == "Dropout" else node.cls for node in dropouts]
