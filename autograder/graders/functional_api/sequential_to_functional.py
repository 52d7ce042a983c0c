"""sequential_to_functional: a functional model of layers of its own
that computes what the Sequential does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.answers.questions import Call, Question, Snippet
from autograder.architecture import Node, canonical
from autograder.architecture.layers import label
from autograder.architecture.parameters import count_parameters
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.structure import at

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
CHAIN = (
    "input rescale conv3x3:16 relu maxpool2x2/2 "
    "conv3x3/2:32 bn relu conv3x3:48 relu maxpool2x2/2 flatten dropout"
)
DROPOUT, RATE = frozenset({"dropout"}), 0.3
CASES = ("default", "other")


def questions(rng: np.random.Generator) -> dict[str, Question]:
    height, across = (int(n) for n in rng.choice(range(24, 60), 2, replace=False))
    other = ((height, across, int(rng.choice([1, 2, 4]))), int(rng.choice([2, 3, 4, 5, 7, 8, 9])))
    return {
        "default": Call("build_functional"),
        "other": Call("build_functional", other),
        "kind": Snippet(KIND, {"args": other}),
    }


@weight(2)
def test_functional_model(answers: Answers) -> None:
    """It is a functional model, not a Sequential one."""
    found = answers.value("kind")
    expect(
        bool(found["functional"]) and not found["sequential"],
        "a functional keras.Model",
        f"a {found['class']}",
        misconception="still_sequential" if found["sequential"] else None,
    )


@weight(2)
def test_layers_of_its_own(answers: Answers) -> None:
    """Its layers are its own: no Sequential is wrapped, and none lends its layers or tensors."""
    found = answers.value("kind")
    lent = found["taken"] * 2 > found["learning"]
    expect(
        not lent,
        "layers that no Sequential holds",
        f"{found['taken']} of {found['learning']} are a Sequential's",
        misconception=None if found["sequential"] else "wraps_a_sequential",
    )


@weight(4)
@needs("test_functional_model", "test_layers_of_its_own")
def test_operations(answers: Answers) -> None:
    """It has the same operations in the same order,
    for other shapes and numbers of classes, too.
    """
    for case in CASES:
        architecture, (shape, classes) = answers.architecture(case), asked(answers, case)
        given = architecture.node(architecture.inputs[0]).shape or ()
        expect(
            given[1:] == shape,
            f"an input of shape {shape}",
            given[1:],
            misconception="shape_hard_coded",
        )
        nodes, wanted = chain_of(answers, case), [*CHAIN.split(), f"dense:{classes}", "softmax"]
        words = [word(node) for node in nodes]
        same = 0
        while same < min(len(words), len(wanted)) and words[same] == wanted[same]:
            same += 1
        expect(
            words == wanted,
            " ".join(wanted),
            " ".join(words),
            misconception=mistake(words, wanted),
            place=at(nodes[same : same + 1]),
        )


@weight(2)
@needs("test_operations")
def test_parameters(answers: Answers) -> None:
    """It has as many parameters as the Sequential model."""
    for case in CASES:
        total = count_parameters(answers.architecture(case)).total
        original = twin(*asked(answers, case))
        flat = [node.channels for node in chain_of(answers, case) if word(node) == "flatten"]
        kept = flat == [
            layer.output.shape[-1] for layer in original.layers if type(layer).__name__ == "Flatten"
        ]
        wanted = original.count_params()
        expect(
            total == wanted,
            f"{wanted:,} parameters for images of {asked(answers, case)[0]}",
            f"{total:,}",
            misconception="bias_setting_lost" if kept else "padding_setting_lost",
        )


@weight(2)
@needs("test_parameters")
def test_same_numbers(answers: Answers) -> None:
    """With the same weights, both give the same numbers for the same images."""
    for case in CASES:
        ours, theirs = twin(*asked(answers, case)), answers.model(case)
        rng = np.random.default_rng(1)
        arrays = [
            rng.uniform(0.1, 1, weight.shape) * rng.choice([-0.5, 1], weight.shape)
            for weight in ours.weights
        ]
        arrays = [
            np.abs(a) if w.name == "moving_variance" else a
            for a, w in zip(arrays, ours.weights, strict=True)
        ]
        arrays = [
            array / max(1, array[..., 0].size) ** 0.5 if array.ndim > 1 else array
            for array in arrays
        ]
        ours.set_weights(arrays)
        theirs.set_weights(arrays)
        images = rng.integers(0, 256, (4, *asked(answers, case)[0])).astype("float32")
        off = float(
            np.abs(
                np.asarray(ours(images, training=False))
                - np.asarray(theirs(images, training=False))
            ).max()
        )
        expect(
            off <= 1e-4,
            "the same numbers",
            f"others, by up to {off:.2g}",
            misconception="other_settings",
        )


@needs("test_operations")
def test_dropout(answers: Answers) -> None:
    """Dropout, which is silent in inference, has the same rate."""
    rates = [
        node.config.get("rate") for node in chain_of(answers, "default") if node.kind == "dropout"
    ]
    expect(rates == [RATE], f"a dropout of {RATE}", rates, misconception="other_dropout")


def twin(shape: tuple[int, ...], classes: int) -> Any:
    """The network that the notebook gives."""
    import keras
    from keras import layers

    return keras.Sequential([
        keras.Input(shape),
        layers.Rescaling(1 / 255),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(2),
        layers.Conv2D(32, 3, strides=2, padding="same", use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.Conv2D(48, 3, activation="relu"),
        layers.MaxPooling2D(2),
        layers.Flatten(),
        layers.Dropout(RATE),
        layers.Dense(classes, activation="softmax"),
    ])  # fmt: skip


def chain_of(answers: Answers, case: str) -> list[Node]:
    """The nodes in order, dropout among them."""
    return list(canonical(answers.architecture(case), DROPOUT).nodes)


def word(node: Node) -> str:
    """A node in a word; whatever makes a vector of a grid flattens it."""
    return "flatten" if node.kind == "reshape" and len(node.shape or ()) == 2 else label(node)


def mistake(words: list[str], wanted: list[str]) -> str | None:
    """The known mistake that leads to this chain of operations."""
    missing = list(wanted)
    for word in words:
        if word in missing:
            missing.remove(word)
    if len(words) + len(missing) != len(wanted) or not missing:
        if words[:-2] == wanted[:-2] and missing == wanted[-2:-1]:
            return "shape_hard_coded"
        return "pooled_instead_of_flattened" if "gap" in words and "flatten" in missing else None
    if missing == ["dropout"]:
        return "other_dropout"
    if set(missing) <= {"relu", "softmax"}:
        return "activation_forgotten"
    return "earlier_layers_vanish" if len(missing) > 1 else None


def asked(answers: Answers, case: str) -> tuple[tuple[int, ...], int]:
    question = answers.questions[case]
    assert isinstance(question, Call)
    return question.args or ((64, 64, 3), 6)
