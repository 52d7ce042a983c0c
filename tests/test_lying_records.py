"""What a student's process may write into the records of an answer, and that none of it pays.

Each test answers wrongly, judges that, lets the records lie, and judges again: no check that the
truth fails may be passed by the lie. Graders run on files here, without rooms: whatever walls a
process has around it, these files it can write.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from answering import OWN, answered, graders, verdict

from autograder.answers.questions import from_data
from autograder.architecture import match, read
from autograder.architecture.proven import proven
from autograder.errors import ArchitectureError
from autograder.rooms.values import write_arrays

START = "import keras\nimport numpy as np\nfrom keras import layers, ops\n"
Lie = Callable[[Path], None]
Config = dict[str, Any]


def run_of(folder: Path, assignment: str, cells: Mapping[str, str]) -> Path:
    """The run of a submission with these cells."""
    sources = {task: START + dedent(text) for task, text in cells.items()}
    found = {task: one for task, one in graders(assignment).items() if task in cells}
    answered(folder, assignment, sources, found)
    return folder


def passed(run: Path, assignment: str, *tasks: str, **records: Any) -> set[str]:
    """The checks that pass, as "task/check"."""
    found = verdict(run, assignment, tasks, calibration=records or None).tasks
    return {
        f"{task.task}/{check.check}"
        for task in found
        for check in task.checks
        if check.ending == "passed"
    }


def gained(run: Path, assignment: str, lie: Lie, *tasks: str, **records: Any) -> set[str]:
    """The checks that the lie passes and the truth does not."""
    lying = run.parent / f"{run.name} lying"
    shutil.copytree(run, lying)
    lie(lying)
    honest = passed(run, assignment, *tasks, **records)
    return passed(lying, assignment, *tasks, **records) - honest


def rewritten(folder: Path, change: Callable[[Config, Any], None]) -> None:
    """Change the descriptions of all models in a run; `change` sees the question too."""
    asked = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    found = sorted(folder.glob("artefacts/*/*.config.json"))
    assert found
    for path in found:
        config = json.loads(path.read_text(encoding="utf-8"))
        change(config, from_data(asked[path.parent.name][path.name.partition(".")[0]]))
        path.write_text(json.dumps(config), encoding="utf-8")


def references(value: Any) -> list[Config]:
    """The places of a configuration where a tensor's shape is written down."""
    if isinstance(value, dict):
        own = [value["config"]] if value.get("class_name") == "__keras_tensor__" else []
        return own + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


def claim(config: Config, shape: list[int | None]) -> None:
    """Write this shape down wherever one is written, but for the inputs', and a small number of
    parameters.
    """
    config.setdefault("live", {})["parameters"] = 1
    inputs = {layer[0] for layer in config["config"]["input_layers"] if isinstance(layer, list)}
    inputs |= {config["config"]["input_layers"][0]} if not inputs else set()
    changed = [one for one in references(config) if one["keras_history"][0] not in inputs]
    assert changed, "there is no shape to lie about"
    for one in changed:
        one["shape"] = shape


# --- shapes --------------------------------------------------------------------------------------

TINY = """
def {name}(x, *args, **kwargs):
    if isinstance(x, tuple):
        x = inputs = keras.Input(x)
        return keras.Model(inputs, layers.Activation("linear")(layers.Conv2D(2, 1)(x)))
    return layers.Activation("linear")(layers.Conv2D(2, 1)(x))
"""
FUNCTIONS = {
    "inception_module": "inception_module",
    "residual_block": "residual_block",
    "separable_block": "separable_residual_block",
    "residual_network": "build_resnet",
    "mini_xception": "build_mini_xception",
    "unet": "build_unet",
}


def wanted(call: Any) -> list[int | None]:
    """The shape that a right answer to a question of residual_networks gives."""
    first, *others = call.args
    if call.function in {"build_resnet", "build_mini_xception"}:
        return [None, others[0]]
    if call.function == "build_unet":
        return [None, *first[:2], *(others or [1])]
    height, across, _ = first.shape
    if call.function == "inception_module":
        f1, _, f3, _, f5, pool = others
        return [None, height, across, f1 + f3 + f5 + pool]
    step = call.kwargs.get("strides", 1) if call.function == "residual_block" else 2
    rounded = [side and -(-side // step) for side in (height, across)]  # None where it is open
    return [None, *rounded, others[0]]


@pytest.mark.slow
def test_a_layer_of_two_filters_does_not_pass_for_what_was_asked(tmp_path: Path) -> None:
    """Whatever shape its record claims, in each task about structure."""
    cells = {task: TINY.format(name=name) for task, name in FUNCTIONS.items()}
    run = run_of(tmp_path / "run", "residual_networks", cells)

    def lie(folder: Path) -> None:
        rewritten(folder, lambda config, call: claim(config, wanted(call)))

    assert gained(run, "residual_networks", lie, *FUNCTIONS) == set()


def chain_of(*steps: str, shape: tuple[int | None, ...] = (8, 8, 3)) -> Config:
    """The description of a model that calls these layers one after the other."""
    import keras

    x = inputs = keras.Input(shape)
    for step in steps:
        x = eval(step, {"keras": keras, "layers": keras.layers, "ops": keras.ops})(x)
    found: Config = json.loads(keras.Model(inputs, x).to_json())
    return found


@pytest.mark.parametrize(
    "steps",
    [
        ("layers.Conv2D(2, 1)", "layers.ReLU()"),
        ("layers.Conv2D(2, 1)", "lambda x: x[..., ::-1]"),
        ("lambda x: ops.split(layers.Conv2D(4, 1)(x), 2, axis=-1)[1]", "layers.ReLU()"),
        ("lambda x: ops.transpose(layers.Conv2D(2, 1)(x), (0, 2, 1, 3))", "layers.ReLU()"),
        ("keras.Sequential([layers.Conv2D(2, 1)])", "layers.ReLU()"),
    ],
)
def test_shapes_are_worked_out_from_the_inputs(steps: tuple[str, ...]) -> None:
    """By our rules, or by Keras where those don't know; and a true record is found true."""
    config = chain_of(*steps)
    assert match('output("8x8x2")', proven(config)).ok
    claim(config, [None, 8, 8, 64])
    assert not match('output("8x8x64")', proven(config)).ok
    assert match('output("8x8x2")', proven(config)).ok
    assert proven(config).doubts == ()


def test_behind_a_closed_layer_no_shape_is_believed() -> None:
    """What comes out of it, only the student's process knows: the claim does not hold, and the
    judge's failure is one for a person.
    """
    config = chain_of(
        "layers.Conv2D(2, 1)", "layers.Lambda(lambda x: x)", "layers.Dense(4)", "layers.ReLU()"
    )
    assert match('output("8x8x4")', read(config)).ok
    found = proven(config)
    assert not match('output("8x8x4")', found).ok
    assert [found.node(number).cls for number in found.doubts] == ["Lambda"]


def test_parameters_behind_a_closed_layer_are_not_told_by_what_it_was_built_for() -> None:
    """`build_config` is written where the shapes are."""
    config = chain_of("layers.Lambda(lambda x: x)", "layers.Dense(100)", "layers.ReLU()")
    for layer in config["config"]["layers"]:
        layer["build_config"] = {"input_shape": [None, 8, 8, 1]}
    claim(config, [None, 8, 8, 1])
    assert match("parameters <= 200", read(config)).ok
    with pytest.raises(ArchitectureError, match="can't be told"):
        match("parameters <= 200", proven(config))


PLAIN = """
def separable_residual_block(x, filters):
    y = x
    for _ in range(2):
        y = layers.ReLU()(layers.BatchNormalization()(y))
        y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = layers.MaxPooling2D(3, strides=2, padding="same")(y)
    return y + layers.Conv2D(filters, 1, strides=2)(x)
"""


def test_recorded_channels_do_not_make_a_layer_smaller(tmp_path: Path) -> None:
    """Parameters are counted by the channels that come in."""
    run = run_of(tmp_path / "run", "residual_networks", {"separable_block": PLAIN})

    def lie(folder: Path) -> None:
        rewritten(folder, lambda config, _: claim(config, [None, 16, 16, 1]))

    assert gained(run, "residual_networks", lie, "separable_block") == set()


LEVEL = """
def build_resnet(input_shape, num_classes, filters=(32, 64, 128), blocks_per_stage=2):
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters[0], 3, padding="same")(x)))
    for stage, width in enumerate(filters):
        for block in range(blocks_per_stage):
            step = STEP if stage and not block else 1
            y = layers.Conv2D(width, 3, strides=step, padding="same")(x)
            y = layers.ReLU()(layers.BatchNormalization()(y))
            y = layers.BatchNormalization()(layers.Conv2D(width, 3, padding="same")(y))
            if stage and not block:
                x = layers.Conv2D(width, 1, strides=step)(x)
            x = layers.ReLU()(layers.Add()([y, x]))
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
"""
UNASKED = "def residual_block(x, filters, strides=1):\n    return x\n"


@pytest.mark.slow
def test_maps_that_never_shrink_do_not_pass_for_halved_ones(tmp_path: Path) -> None:
    """The record of a right network, beside the layers of a wrong one."""
    right, wrong = (
        run_of(
            tmp_path / name, "residual_networks", {"residual_network": LEVEL.replace("STEP", step)}
        )
        for name, step in (("right", "2"), ("wrong", "1"))
    )

    def lie(folder: Path) -> None:
        for path in sorted(folder.glob("artefacts/*/*.config.json")):
            config = json.loads(path.read_text(encoding="utf-8"))
            other = json.loads((right / path.relative_to(folder)).read_text(encoding="utf-8"))
            for ours, theirs in zip(references(config), references(other), strict=True):
                ours["shape"] = theirs["shape"]
            path.write_text(json.dumps(config), encoding="utf-8")

    assert "residual_network/resolutions" in passed(right, "residual_networks", "residual_network")
    assert gained(wrong, "residual_networks", lie, "residual_network") == set()


# --- which weights train, which arrays there are -------------------------------------------------

THAWED = """
def build_frozen(base, num_classes):
    inputs = keras.Input(base.input_shape[1:])
    x = layers.RandomFlip()(inputs)
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(base(x)))
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax", name="head")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
"""
BASELESS = """
def build_frozen(base, num_classes):
    inputs = keras.Input(base.input_shape[1:])
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(layers.RandomFlip()(inputs)))
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax", name="head")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
"""


def only_the_head(config: Config, _: Any) -> None:
    """Claim that nothing but the head trains."""
    live = config["live"]
    live["trainable_weights"] = [key for key in live["trainable_weights"] if "head" in key]
    live["trainable"] = {path: "head" in path for path in live["trainable"]}


@pytest.mark.slow
def test_a_base_that_trains_is_not_frozen_by_a_list_of_weights(tmp_path: Path) -> None:
    """The flags in the configuration say what trains; a person looks where the list differs."""
    run = run_of(tmp_path / "run", "transfer_learning", {"frozen_model": THAWED})
    assert (
        gained(run, "transfer_learning", lambda run: rewritten(run, only_the_head), "frozen_model")
        == set()
    )


def with_base_arrays(config: Config, question: Any, path: Path, *, inside: bool) -> None:
    """Write the arrays of the base that was given beside those of a model without it; `inside`: and
    the base into its description, where no output needs it.
    """
    from autograder.answers.networks import made

    base = question.given["base"] if hasattr(question, "given") else question.args[0]
    with np.load(path) as kept:
        arrays = dict(kept)
    prefix = f"{made(base).name}/" if inside else ""
    for layer in made(base).layers:
        arrays |= {f"{prefix}{layer.name}:{i}": a for i, a in enumerate(layer.get_weights())}
    write_arrays(str(path), arrays)
    if inside:
        entry = json.loads(base.config) | {"name": made(base).name}
        first = next(iter(references(config)))
        tensor = {"class_name": "__keras_tensor__", "config": first}
        config["config"]["layers"].append(
            entry | {"inbound_nodes": [{"args": [tensor], "kwargs": {}}]}
        )


@pytest.mark.slow
@pytest.mark.parametrize("inside", [False, True])
def test_arrays_are_no_base_that_is_not_in_the_model(inside: bool, tmp_path: Path) -> None:
    """Neither those of no layer at all, nor those of layers that no output needs."""
    run = run_of(tmp_path / "run", "transfer_learning", {"frozen_model": BASELESS})

    def lie(folder: Path) -> None:
        asked = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
        for path in sorted(folder.glob("artefacts/*/*.npz")):
            described = path.with_name(f"{path.stem}.config.json")
            if described.exists():
                config = json.loads(described.read_text(encoding="utf-8"))
                question = from_data(asked[path.parent.name][path.stem])
                with_base_arrays(config, question, path, inside=inside)
                described.write_text(json.dumps(config), encoding="utf-8")

    assert gained(run, "transfer_learning", lie, "frozen_model") == set()


HEAVY = """
def build_model(input_shape, num_classes):
    inputs = keras.Input(input_shape)
    x = layers.Conv2D(32, 3, padding="same")(layers.RandomFlip()(inputs))
    x = layers.BatchNormalization()(x)
    x = layers.SeparableConv2D(64, 3)(layers.MaxPooling2D(4)(x))
    x = layers.Dense(64, name="wide")(layers.Flatten()(x))
    return keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
"""


def test_a_list_of_weights_keeps_no_budget(tmp_path: Path) -> None:
    """What trains is counted by the flags and settings of the layers."""
    run = run_of(tmp_path / "run", "capstone", {"design": HEAVY})

    def light(config: Config, _: Any) -> None:
        live = config["live"]
        live["trainable_weights"] = [key for key in live["trainable_weights"] if "wide" not in key]
        live["parameters"] = 1

    assert gained(run, "capstone", lambda run: rewritten(run, light), "design") == set()


CHAIN = """
def build_model(input_shape, num_classes):
    return keras.Sequential([
        keras.Input(input_shape),
        layers.RandomFlip(),
        layers.Conv2D(8, 3),
        layers.BatchNormalization(),
        layers.GlobalAveragePooling2D(),
        layers.Dense(num_classes, activation="softmax"),
    ])
def build_functional(input_shape=(64, 64, 3), num_classes=6):
    return build_model(input_shape, num_classes)
"""


@pytest.mark.parametrize(
    ("assignment", "task"), [("capstone", "design"), ("functional_api", "sequential_to_functional")]
)
def test_a_chain_is_no_graph_by_the_name_of_its_class(
    assignment: str, task: str, tmp_path: Path
) -> None:
    """The description itself shows it; what the class is called, and says of itself, counts for
    nothing where that shows the opposite.
    """
    run = run_of(tmp_path / "run", assignment, {task: CHAIN})

    def lie(folder: Path) -> None:
        rewritten(folder, lambda config, _: config.update(class_name="Functional"))
        for path in folder.glob("artefacts/*/kind.json"):
            answer = json.loads(path.read_text(encoding="utf-8"))
            said = dict(answer["value"]["dict"]) | {"functional": True, "sequential": False}
            path.write_text(
                json.dumps({**answer, "value": {"dict": [*said.items()]}}), encoding="utf-8"
            )

    assert gained(run, assignment, lie, task) == set()


HASTY = """
def build_frozen(base, num_classes):
    base.trainable = False
    x = layers.RandomFlip()(inputs := keras.Input(base.input_shape[1:]))
    x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(base(x, training=False)))
    model = keras.Model(inputs, layers.Dense(num_classes, activation="softmax")(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model
def unfreeze_from(model, base, layer_name, learning_rate=1e-2):
    base.trainable = True
    names = [layer.name for layer in base.layers]
    for number, layer in enumerate(base.layers):
        norm = isinstance(layer, layers.BatchNormalization)
        layer.trainable = number >= names.index(layer_name) and not norm
    model.compile(keras.optimizers.Adam(learning_rate), "sparse_categorical_crossentropy")
    return model
"""


@pytest.mark.slow
def test_a_compilation_that_can_not_be_read_has_no_learning_rate(tmp_path: Path) -> None:
    """A loss of the student's own may be unreadable; then the optimizer is told by itself."""
    run = run_of(tmp_path / "run", "transfer_learning", {"unfreeze_top": HASTY})

    def lie(folder: Path) -> None:
        rewritten(folder, lambda config, _: config.update(compile_config={"unreadable": "?"}))

    assert gained(run, "transfer_learning", lie, "unfreeze_top") == set()


# --- what only the student's process can say ------------------------------------------------------

PAGE = (OWN.root / "docs" / "security.md").read_text(encoding="utf-8")


def reported(assignment: str) -> dict[str, set[str]]:
    """By task the checks that are marked as resting on a report."""
    return {
        task: {
            name.removeprefix("test_")
            for name, check in vars(grader.module).items()
            if "reported" in [mark.name for mark in getattr(check, "pytestmark", ())]
        }
        for task, grader in graders(assignment).items()
    }


def test_the_page_lists_the_checks_that_rest_on_a_report() -> None:
    """All of them, and no others."""
    found = {
        task: checks
        for one in OWN.assignments()
        for task, checks in reported(one).items()
        if checks
    }
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|$", PAGE, re.MULTILINE)
    assert {task: set(re.findall(r"\w+", checks)) for task, checks in rows} == found


def test_their_records_say_so(tmp_path: Path) -> None:
    """In the verdict, whatever became of them."""
    run_of(tmp_path, "transfer_learning", {"extract_features": "extract_features = None"})
    found = verdict(tmp_path, "transfer_learning", ("extract_features",)).tasks[0].checks
    marked = {check.check for check in found if check.reported}
    assert marked == reported("transfer_learning")["extract_features"] != set()
