"""Answers given in the student's kernel: models exported with student-made layers opened,
questions of each kind.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import keras
import nbformat
import numpy as np
import pytest
from answering import DESK
from keras import layers

from autograder.answers.artefacts import Answer, read_answer
from autograder.answers.networks import made
from autograder.answers.questions import (
    Call,
    Calls,
    Network,
    Notebook,
    Question,
    Random,
    Snippet,
    Symbolic,
    Variable,
    to_data,
)
from autograder.architecture import read
from autograder.architecture.rebuild import rebuild as rebuild_model
from autograder.rooms.export import export
from autograder.rooms.limits import Limits
from autograder.rooms.student import Order, run_submission
from autograder.rooms.values import Refused
from autograder.rooms.warm import warm_rooms
from autograder.submissions.rebuilding import rebuild

# --- export: in this process ---------------------------------------------------------------------


class Unit(layers.Layer):  # type: ignore[misc]
    """What a student might write: it only composes layers, all units name theirs alike,
    and has no configuration.
    """

    def __init__(self, width: int, activation: Callable[[Any], Any] = keras.ops.relu) -> None:
        super().__init__()
        self.body = [
            layers.Conv2D(width, 3, padding="same", name="conv"),
            layers.BatchNormalization(name="bn"),
        ]
        self.activation = activation

    def call(self, x: Any) -> Any:  # noqa: D102
        y = x
        for layer in self.body:
            y = layer(y)
        return self.activation(x + y)


class Twice(layers.Layer):  # type: ignore[misc]
    """A student's layer made of the student's layers."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = Unit(width), Unit(width)

    def call(self, x: Any, training: Any = None) -> Any:  # noqa: ARG002, D102
        return self.second(self.first(x))


class Scaled(layers.Layer):  # type: ignore[misc]
    """A student's layer with a weight of its own: no composition, so it stays closed."""

    def build(self, shape: Any) -> None:  # noqa: D102
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x: Any) -> Any:  # noqa: D102
        return x * self.scale


class Whole(keras.Model):  # type: ignore[misc]
    """A student's subclassed model."""

    def __init__(self) -> None:
        super().__init__()
        self.unit = Unit(3)
        self.pool = layers.GlobalAveragePooling2D()
        self.head = layers.Dense(2, activation="softmax")

    def call(self, inputs: Any) -> Any:  # noqa: D102
        return self.head(self.pool(self.unit(inputs)))


class Built(keras.Model):  # type: ignore[misc]
    """A functional model by inheritance, which Keras can't describe."""

    def __init__(self, width: int) -> None:
        inputs = keras.Input((8, 8, 3))
        super().__init__(inputs, Unit(width)(layers.Conv2D(width, 1)(inputs)))


def plain() -> keras.Model:
    inputs = keras.Input((8, 8, 3), name="image")
    return keras.Model(inputs, layers.Dense(2)(layers.Flatten()(inputs)))


def units() -> keras.Model:
    inputs = keras.Input((8, 8, 3))
    return keras.Model(inputs, Unit(3)(Twice(3)(inputs)))


def shared_and_nested() -> keras.Model:
    """A siamese network around a nested encoder that holds a student's layer."""
    encoder = keras.Sequential(
        [keras.Input((8, 8, 3)), Unit(3), layers.GlobalAveragePooling2D()], name="encoder"
    )
    left, right = keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 3), name="right")
    difference = layers.Lambda(lambda pair: keras.ops.abs(pair[0] - pair[1]))(
        [encoder(left), encoder(right)]
    )
    return keras.Model([left, right], {"same": layers.Dense(1, "sigmoid", name="same")(difference)})


def nested_plain(name: str = "läyer ÷ 2") -> keras.Model:
    base = plain()
    inputs = keras.Input((8, 8, 3))
    inner = keras.Sequential(
        [keras.Input((2,)), layers.Dense(4, name="dense"), layers.Dense(2)], name=name
    )
    return keras.Model(inputs, inner(base(inputs)))


def whole() -> keras.Model:
    model = Whole()
    model(np.zeros((1, 8, 8, 3), "float32"))
    return model


def inherited() -> keras.Model:
    return Built(3)


def closed() -> keras.Model:
    inputs = keras.Input((8, 8, 3))
    return keras.Model(inputs, Unit(3)(Scaled()(inputs)))


MODELS = [plain, units, shared_and_nested, nested_plain, whole, inherited, closed]
OPENED = [plain, units, shared_and_nested, nested_plain, whole, inherited]


@pytest.fixture(autouse=True)
def _seeded() -> None:
    keras.utils.set_random_seed(1)


@pytest.mark.parametrize("make", MODELS)
def test_every_weight_is_there_once(make: Callable[[], keras.Model]) -> None:
    """Nested, shared, student-made: each weight of the model has one key,
    and its values are the model's.
    """
    model = make()

    config, arrays = export(model, weights=True)

    assert sorted(a.shape for a in arrays.values()) == sorted(tuple(w.shape) for w in model.weights)
    assert Counter(a.tobytes() for a in arrays.values()) == Counter(
        a.tobytes() for a in model.get_weights()
    )
    assert json.loads(config)["live"]["parameters"] == model.count_params()
    assert len(json.loads(config)["live"]["trainable_weights"]) == len(model.trainable_weights)


@pytest.mark.parametrize("make", OPENED)
def test_what_is_exported_computes_the_same(make: Callable[[], keras.Model]) -> None:
    """The judge's rebuilt model gives the outputs of the student's own."""
    model = make()
    rng = np.random.default_rng(0)
    inputs = [
        rng.normal(size=(2, 8, 8, 3)).astype("float32") for _ in getattr(model, "inputs", [0])
    ]
    config, arrays = export(model, weights=True)

    twin = rebuild_model(json.loads(config), arrays)

    ours, theirs = (
        keras.tree.flatten(m(inputs if len(inputs) > 1 else inputs[0])) for m in (twin, model)
    )
    np.testing.assert_allclose(np.array(ours[0]), np.array(theirs[0]), atol=1e-6)


@pytest.mark.parametrize("make", MODELS)
def test_the_students_model_is_as_it_was(make: Callable[[], keras.Model]) -> None:
    """Export leaves no nodes, names or methods behind: exporting again gives the same."""
    model = make()
    before = _traces(model)
    call = layers.Layer.__call__

    first = export(model, weights=False)[0]

    assert before == _traces(model)
    assert layers.Layer.__call__ is call
    assert _classes(first) == _classes(export(model, weights=False)[0])


def _traces(model: Any) -> list[tuple[str, int, int]]:
    found = model._flatten_layers()
    return [(layer.name, len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in found]


def _classes(config: str) -> Counter[str]:
    return Counter(layer["class_name"] for layer in json.loads(config)["config"]["layers"])


@pytest.mark.parametrize("make", OPENED)
def test_nothing_stays_closed(make: Callable[[], keras.Model]) -> None:
    """Student-made layers, subclassed models and lambdas of Keras operations are seen through."""
    assert not read(json.loads(export(make(), weights=False)[0])).opaque


def test_opened_layers_keep_their_names() -> None:
    """A layer is called what the student called it;
    only names that occur twice get the outer layer's in front.
    """
    model = units()

    names = {
        layer["name"] for layer in json.loads(export(model, weights=False)[0])["config"]["layers"]
    }

    outer = next(layer.name for layer in model.layers if isinstance(layer, Twice))
    inner = [model.get_layer(outer).first.name, model.get_layer(outer).second.name]
    assert {f"{outer}.{unit}.conv" for unit in inner} < names


def test_closed_layer_is_named() -> None:
    """A layer with weights of its own stays one node with its arrays;
    the layers around it are opened.
    """
    config, arrays = export(closed(), weights=True)

    kinds = [layer["class_name"] for layer in json.loads(config)["config"]["layers"]]
    assert kinds.count("Scaled") == 1
    assert "Unit" not in kinds
    assert [a.shape for key, a in arrays.items() if key.startswith("scaled")] == [(3,)]


def test_layer_whose_call_needs_tensorflow_stays_closed() -> None:
    """What can't be traced symbolically is a closed box, not an error."""
    import tensorflow as tf

    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, Unit(3, activation=tf.nn.relu)(inputs))

    assert [n.cls for n in read(json.loads(export(model, weights=False)[0])).nodes][1:] == ["Unit"]


def test_flags_and_compilation() -> None:
    """Live flags, loss and optimizer cross; so do the optimizer's arrays
    and which weights it updates.
    """
    model = nested_plain("inner")
    model.layers[1].trainable = False
    model.compile("sgd", "mse")
    model.fit(np.zeros((2, 8, 8, 3)), np.zeros((2, 2)), verbose=0)
    model.layers[1].trainable = True

    config, arrays = export(model, weights=True)

    data = json.loads(config)
    assert (data["compile_config"]["loss"], data["live"]["trainable"]["inner/dense"]) == (
        "mse",
        True,
    )
    assert len(data["live"]["trainable_weights"]) == 6
    assert len(data["live"]["optimized_weights"]) == 4
    assert sum(key.startswith("optimizer:") for key in arrays) == len(model.optimizer.variables)


def test_model_without_a_shape_is_refused() -> None:
    """A Sequential or subclassed model that was never given an input says what is missing."""
    with pytest.raises(Refused, match="no input shape yet"):
        export(keras.Sequential([layers.Dense(2)]), weights=False)
    with pytest.raises(Refused, match="has not been called"):
        export(Whole(), weights=False)


# --- questions: in one real kernel ---------------------------------------------------------------

NOTEBOOK = """
import builtins, json, sys
import keras, numpy as np

def scale(x, factor, *, shift=0):
    if not hasattr(x, "keys"):
        return x * factor + shift
    return {"out": keras.layers.Rescaling(factor, shift)(x["in"][0]), "same": x["in"][0]}
def arguments(*args, **kwargs): return [args, kwargs]
def half(n):
    if n % 2: raise ValueError(f"{n} is odd")
    return n // 2
class Wrapped(keras.layers.Layer):
    def __init__(self, name):
        super().__init__()
        self.inner = keras.layers.Dense(2, name=name)
    def call(self, x): return self.inner(x)
def unicode_names(x): return Wrapped("schön")(x)
def clean_names(x): return Wrapped("clean")(x)
def leave(): sys.exit(0)
class Evil(Exception):
    def __str__(self): raise RuntimeError("no message")
def evil(): raise Evil
def own_input(x): return keras.layers.Dense(2)(keras.Input((3,)))
def forget(x): keras.layers.Dense(2)(x)
def draw(): return keras.random.normal((3,))
def apply(model, x): return model(x)
def coloured(): raise ValueError("\\x1b[1mbold\\x1b[0m" + "x" * 5000)
numbers = {0: 0.5, "worst": None, 2: [1, (2.0, float("nan"))]}
answer = 42
"""
LATER = """
def twice(n): return 2 * half(n)
# What hostile or unlucky code replaces afterwards changes no answer:
np.save = np.savez = np.load = json.dump = lambda *args, **kwargs: None
builtins.open = builtins.round = builtins.divmod = lambda *args, **kwargs: 0
keras.utils.set_random_seed = print
keras.Model.to_json = lambda self: "{}"
print('{"task": "basics", "question": "missing", "outcome": "value", "value": 1}')
"""
NETWORK = Network(plain().to_json(), seed=3)
BASICS: dict[str, Question] = {
    "nested": Call("scale", ({"in": [Symbolic((4,), "left")]}, 2.0), {"shift": 1}),
    "plain": Call("arguments", ((1, 2), [3], None, True), {"a": {"b": "text"}}),
    "array": Call("scale", (Random((2, 3), 5), 2)),
    "variable": Variable("numbers"),
    "notebook": Call("arguments", (Notebook("answer"),)),
    "no such variable": Call("arguments", (Notebook("nothing"),)),
    "missing": Variable("nothing"),
    "no function": Call("answer"),
    "exit": Call("leave"),
    "evil": Call("evil"),
    "own input": Call("own_input", (Symbolic((3,)),)),
    "none": Call("forget", (Symbolic((3,)),)),
    "refused": Call("arguments", (Symbolic((3,)), 1)),
    "coloured": Call("coloured"),
    "unicode": Call("unicode_names", (Symbolic((3,)),)),
    "after unicode": Call("clean_names", (Symbolic((3,)),)),
    "random": Call("draw"),
    "network": Call("apply", (NETWORK, Random((2, 8, 8, 3), 1))),
    "snippet": Snippet(
        "answer = [notebook.answer, notebook['half'](given.n), 'nothing' in notebook]", {"n": 4}
    ),
    "snippet misses": Snippet("answer = notebook.nothing"),
    "history": Snippet("import numpy as np\nanswer = np.random.rand()", seed=7),
}
AFTER: dict[str, Question] = {
    "through": Call("twice", (3,)),
    "many": Calls("twice", ((2,), (3,), (4,))),
    "model": Call("scale", ({"in": [Symbolic((4,))]}, 3.0), weights=True),
    "array": Call("scale", (Random((2,), 1, "integers", 0, 10, "int64"), 1)),
    "random": Call("draw"),
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Answer]:
    """Asks for the answers to all questions above, given in one room."""
    cells = [nbformat.v4.new_markdown_cell("# Start")]
    for task, source in (("basics", NOTEBOOK), ("later", LATER)):
        marks = {"nbgrader": {"grade_id": task, "solution": True}}
        cells += [
            nbformat.v4.new_markdown_cell("## Task"),
            nbformat.v4.new_code_cell(source, metadata=marks),
        ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    out = tmp_path_factory.mktemp("runs") / "student"
    with warm_rooms() as rooms:
        asked: dict[str, dict[str, Question]] = {"basics": BASICS, "later": AFTER}
        order = Order(
            rebuild(notebook, notebook),
            "toy",
            "student",
            {task: {n: to_data(q) for n, q in some.items()} for task, some in asked.items()},
            {"later": ("basics",)},
            1,
        )
        run = run_submission(order, DESK, out, rooms, Limits(cell_seconds=60))
    assert [section.error for section in run.sections] == [None, None]

    return lambda question, task="basics": read_answer(out, task, question)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("plain", [((1, 2), [3], None, True), {"a": {"b": "text"}}]),
        ("notebook", [(42,), {}]),
        ("snippet", [42, 2, False]),
    ],
)
def test_arguments_arrive_as_they_were_asked(
    answers: Callable[..., Answer], question: str, value: Any
) -> None:
    """Tuples as tuples, keywords as keywords, variables of the notebook by their names."""
    assert (answers(question).outcome, answers(question).value) == ("value", value)


@pytest.mark.slow
def test_symbolic_tensors_give_a_model(answers: Callable[..., Answer]) -> None:
    """Symbolic arguments may lie in lists and dicts; what comes back becomes a model from them."""
    config = answers("nested").config()["config"]

    assert [layer["class_name"] for layer in config["layers"]] == ["InputLayer", "Rescaling"]
    assert config["layers"][0]["name"] == "left"
    assert set(config["output_layers"]) == {"out", "same"}


@pytest.mark.slow
def test_drawn_arrays_are_the_ones_asked_for(answers: Callable[..., Answer]) -> None:
    """A judge with the same question draws the same array."""
    expected = np.random.default_rng(5).standard_normal((2, 3)).astype("float32") * 2

    np.testing.assert_array_equal(answers("array").arrays()["array"], expected)


@pytest.mark.slow
def test_values_of_a_variable(answers: Callable[..., Answer]) -> None:
    """Whole numbers stay keys, tuples tuples, NaN NaN."""
    value = answers("variable").value

    assert list(value) == [0, "worst", 2]
    assert type(value[2][1]) is tuple
    assert np.isnan(value[2][1][1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "detail"),
    [
        ("missing", "«nothing» is not defined"),
        ("no such variable", "«nothing» is not defined"),
        ("snippet misses", "«nothing» is not defined"),
        ("no function", "«answer» is not a function but of type int"),
    ],
)
def test_missing(answers: Callable[..., Answer], question: str, detail: str) -> None:
    """A name that is not there is missing, wherever the question uses it."""
    assert (answers(question).outcome, answers(question).detail) == ("missing", detail)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("question", "kind", "message"),
    [
        ("exit", "SystemExit", "0"),
        ("evil", "Evil", "can't be shown"),
        ("own input", "ValueError", "not connected to"),
        ("coloured", "ValueError", "boldxxx"),
        ("unicode", "ValueError", "schön"),
    ],
)
def test_exceptions_are_answers(
    answers: Callable[..., Answer], question: str, kind: str, message: str
) -> None:
    """Whatever is raised is told by type and message,
    without colours, at most 2,000 characters long.
    """
    error = answers(question).error

    assert error is not None
    assert (answers(question).outcome, error.type) == ("error", kind)
    assert message in error.message
    assert len(error.message) <= 2_000


@pytest.mark.slow
def test_a_refused_name_does_not_spoil_the_next_model(answers: Callable[..., Answer]) -> None:
    """A layer name that TensorFlow refuses stays on no stack."""
    assert answers("after unicode").outcome == "model"


@pytest.mark.slow
def test_a_forgotten_return_is_a_value(answers: Callable[..., Answer]) -> None:
    """None is what was returned, and said by its type."""
    assert (answers("none").outcome, answers("none").type, answers("none").value) == (
        "value",
        "NoneType",
        None,
    )


@pytest.mark.slow
def test_what_is_no_answer_is_refused(answers: Callable[..., Answer]) -> None:
    """Tensors among other things are no model and no value."""
    assert answers("refused").outcome == "refused"
    assert "KerasTensor" in answers("refused").detail


@pytest.mark.slow
def test_network_has_the_weights_of_its_seed(answers: Callable[..., Answer]) -> None:
    """The judge that builds the hidden network from the same seed gets the same outputs."""
    images = np.random.default_rng(1).standard_normal((2, 8, 8, 3)).astype("float32")

    np.testing.assert_allclose(
        answers("network").arrays()["array"], np.array(made(NETWORK)(images)), atol=1e-5
    )


@pytest.mark.slow
def test_seeds_are_set_before_each_question(answers: Callable[..., Answer]) -> None:
    """Python, NumPy and Keras are seeded: a snippet from its own seed,
    others from the run's and their name.
    """
    np.random.seed(7)  # noqa: NPY002

    assert answers("history").value == np.random.rand()  # noqa: NPY002
    assert not np.array_equal(
        answers("random").arrays()["array"], answers("random", "later").arrays()["array"]
    )


@pytest.mark.slow
def test_errors_name_the_tasks_that_they_came_through(answers: Callable[..., Answer]) -> None:
    """The cells of a traceback belong to tasks; the innermost is last."""
    error = answers("through", "later").error

    assert error is not None
    assert (error.message, error.through) == ("3 is odd", ("later", "basics"))


@pytest.mark.slow
def test_many_calls_each_have_an_answer(answers: Callable[..., Answer]) -> None:
    """One call that raises does not cost the others."""
    values = answers("many", "later").values

    assert [case.get("value") for case in values] == [2, None, 4]
    assert values[1]["error"].through == ("later", "basics")


@pytest.mark.slow
def test_what_the_student_replaced_changes_no_answer(answers: Callable[..., Answer]) -> None:
    """Built-ins, json, NumPy and Keras patched by the notebook:
    models and arrays are still handed over as they are.
    """
    assert answers("model", "later").config()["config"]["layers"][1]["config"]["scale"] == 3.0
    expected = np.random.default_rng(1).integers(0, 10, (2,))
    np.testing.assert_array_equal(answers("array", "later").arrays()["array"], expected)
    assert answers("missing").outcome == "missing"
