"""Answers that cost less say the same: models without arrays, steps that are not traced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import nbformat
import numpy as np
import pytest

from autograder.answers.artefacts import Answer, read_answer
from autograder.answers.networks import made
from autograder.answers.questions import (
    Call,
    Network,
    Notebook,
    Question,
    Random,
    Snippet,
    Symbolic,
    Variable,
    to_data,
)
from autograder.rooms.here import RoomsHere
from autograder.rooms.limits import Limits
from autograder.rooms.steps import Steps, Untraced
from autograder.rooms.structure import Structures
from autograder.rooms.student import Order, run_submission
from autograder.submissions.rebuilding import rebuild

SOURCE = """
import keras, numpy as np
from keras import layers

shared = layers.Dense(4, name="shared")
made = []


def block(x, filters):
    x = layers.Conv2D(filters, 3, name="conv")(x)
    return layers.BatchNormalization(name="norm")(x)


def with_shared(x):
    return shared(x)


def needs_values(x):
    layer = layers.Dense(2, name="dense")
    y = layer(x)
    layer.set_weights([np.ones((3, 2)), np.zeros(2)])
    made.append(float(np.asarray(layer.get_weights()[0]).sum()))
    assert made[-1] == 6.0
    return y


def compiled():
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="only")], name="compiled")
    model.compile(optimizer=keras.optimizers.Adam(), loss="mse")
    return model


def wrong(x):
    return layers.Dense(2)(x) + layers.Dense(3)(x)


def constant():
    return np.arange(3.0)


def build():
    inputs = keras.Input((3,))
    return keras.Model(inputs, layers.Dense(1)(layers.Dense(4, name="base")(inputs)))


def thaw(model, again):
    model.get_layer("base").trainable = True
    if again:
        model.compile("sgd", "mse")
"""
STEP = """
import numpy as np
model = notebook.build()
model.get_layer("base").trainable = False
model.compile("sgd", given.loss and notebook[given["loss"]] or "mse")
x, y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")
fit(model, x, y, batch_size=4)
before = model.get_layer("base").get_weights()[0]
notebook.thaw(model, given.again)
fit(model, x, y, batch_size=4)
answer = not np.array_equal(before, model.get_layer("base").get_weights()[0])
"""


def answers(out: Path, asked: dict[str, Question], source: str = SOURCE) -> dict[str, Answer]:
    """What the notebook answers, in this process."""
    role = {"grade_id": "task", "solution": True}
    cells = [
        nbformat.v4.new_markdown_cell("## Task"),
        nbformat.v4.new_code_cell(source, metadata={"nbgrader": role}),
    ]
    made = nbformat.v4.new_notebook(cells=cells)
    questions = {"task": {name: to_data(question) for name, question in asked.items()}}
    order = Order(rebuild(made, made), "toy", "s", questions, {}, 1)
    (out / "desk").mkdir()
    run = run_submission(order, out / "desk", out / "run", RoomsHere(), Limits())
    assert run.sections[0].status == "done"
    return {name: read_answer(out / "run", "task", name) for name in asked}


def test_a_structure_is_the_same_without_arrays(tmp_path: Path) -> None:
    """Layers and shapes, whether or not the arrays are asked for too."""
    asked: dict[str, Question] = {
        str(weights): Call("block", (Symbolic((8, 8, 3), "x"), 4), weights=weights)
        for weights in (False, True)
    }
    found = answers(tmp_path, asked)
    bare, whole = (found[name].config() for name in asked)
    for one in (bare, whole):
        one["config"].pop("name")
    assert bare["live"] == whole["live"]
    assert [layer["config"]["name"] for layer in bare["config"]["layers"]][1:] == ["conv", "norm"]
    assert len(found["True"].weights()) == 6


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        (Call("needs_values", (Symbolic((3,)),)), "model"),
        (Call("compiled"), "model"),
        (Call("wrong", (Symbolic((3,)),)), "error"),
        (Call("constant"), "array"),
        (Call("absent"), "missing"),
        (Snippet("answer = [w.name for w in notebook.build().weights]", structure=True), "value"),
        (Snippet("answer = float(notebook.compiled().optimizer.learning_rate)", structure=True),
         "value"),
    ],
)  # fmt: skip
def test_code_that_needs_values_has_them(tmp_path: Path, question: Question, outcome: str) -> None:
    """Where a model without arrays won't do, it is built as the student's code does it."""
    assert answers(tmp_path, {"q": question})["q"].outcome == outcome


def test_layers_that_outlive_a_question_get_their_arrays(tmp_path: Path) -> None:
    """The same ones for every later question."""
    snippet = "import numpy as np\nanswer = np.asarray(notebook.shared.kernel)"
    found = answers(tmp_path, {
        "first": Call("with_shared", (Symbolic((3,)),)),
        "once": Snippet(snippet),
        "twice": Snippet(snippet),
        "model": Call("with_shared", (Symbolic((3,)),), weights=True),
    })  # fmt: skip
    once, twice = (next(iter(found[name].arrays().values())) for name in ("once", "twice"))
    assert np.array_equal(once, twice)
    assert np.array_equal(found["model"].weights()["shared:0"], once)


def test_a_compiled_model_is_described_too(tmp_path: Path) -> None:
    """With its optimizer's settings, and without being built twice."""
    source = (
        f"{SOURCE}\ncalls = []\n\n\ndef counted():\n    calls.append(1)\n    return compiled()\n"
    )
    found = answers(tmp_path, {"q": Call("counted"), "n": Variable("calls")}, source)
    told = found["q"].config()["compile_config"]["optimizer"]["config"]
    assert (round(told["learning_rate"], 6), found["n"].value) == (0.001, [1])


def test_questions_about_arrays_are_asked_for_real(tmp_path: Path) -> None:
    """Arguments that are arrays make an answer that is one."""
    asked: dict[str, Question] = {
        "q": Call("with_shared", (Random((2, 3), seed=1),)),
        "v": Variable("made"),
    }
    found = answers(tmp_path, asked)
    assert next(iter(found["q"].arrays().values())).shape == (2, 4)


def test_variables_of_refused_models_are_forgotten() -> None:
    """Keras would make them with the next model."""
    structures = Structures()
    with structures.building():
        layer = keras.layers.Dense(2)
        layer.build((None, 3))
    assert layer.kernel._value is None
    structures.settle()
    assert layer.kernel._value is not None
    assert keras.layers.Dense(2)(np.ones((1, 3))).shape == (1, 2)


@pytest.mark.parametrize(("again", "moves"), [(True, True), (False, False)])
@pytest.mark.parametrize("loss", ["", "loss"])
def test_thawed_layers_move_only_once_they_are_compiled(
    tmp_path: Path, again: bool, moves: bool, loss: str
) -> None:
    """As with `model.fit` itself: a model that is not compiled again goes on with its old graph;
    with a loss of the student's own too.
    """
    source = SOURCE + "\n\ndef loss(y, z):\n    return keras.ops.mean((y - z) ** 2)\n"
    given = {"again": again, "loss": loss or None}
    found = answers(tmp_path, {"q": Snippet(STEP, given)}, source)["q"]
    assert (found.outcome, found.value) == ("value", moves)


def test_what_is_not_keras_own_is_traced() -> None:
    """Eagerly, code may pass that no graph takes."""

    class Eager(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x * float(np.asarray(x).sum())

    x, y = np.ones((4, 3), "float32"), np.ones((4, 1), "float32")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    eager = Steps(eager=True)
    eager(model, x, y)
    assert eager.used
    assert not model.run_eagerly
    with pytest.raises(Untraced):
        eager(model, x, y)
    theirs = keras.Sequential([keras.layers.Dense(1), Eager()])
    theirs.compile("sgd", "mse")
    traced = Steps(eager=True)
    with pytest.raises(Exception, match=r"(?i)symbolic|tensor"):
        traced(theirs, x, y)
    assert not traced.used


def test_hidden_networks_as_arguments_answer_as_they_are(tmp_path: Path) -> None:
    """A given network predicts the same, traced or not."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    source = (
        SOURCE + "\n\nbase = None\ndef predict(net, x):\n    return net.predict(x, verbose=0)\n"
    )
    asked: dict[str, Question] = {
        "q": Call("predict", (Network(model.to_json(), 5), Random((2, 3), 1))),
        "n": Call("predict", (Notebook("base"), Random((2, 3), 1))),
    }
    found = answers(tmp_path, asked, source)
    again = made(Network(model.to_json(), 5))
    x = np.random.default_rng(1).standard_normal((2, 3)).astype("float32")
    wanted = again(x)
    assert np.allclose(next(iter(found["q"].arrays().values())), wanted, atol=1e-6)
    assert found["n"].outcome == "error"
