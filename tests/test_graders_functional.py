"""The graders of functional_api, as far as `autograder verify` does not show it:
hints, hidden networks, overlap.

Known submissions, right and wrong, are in tests/bank/functional_api.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from answering import FOLDER, SEED, answered, graders, hints, verdict

from autograder.answers.networks import made
from autograder.judge.hidden_side import load
from autograder.proofs.bank import read_recipe
from autograder.records import TaskVerdict

NAME = "functional_api"
NETWORKS = load(FOLDER / NAME / "_networks.py")
GRADERS = graders(NAME)
BANK = Path(__file__).parent / "bank" / NAME
SOURCE = Path(__file__).parent.parent / "source" / NAME / f"{NAME}.ipynb"
SOLUTION = re.compile(r"[ \t]*### BEGIN SOLUTION\n(.*?)[ \t]*### END SOLUTION\n?", re.DOTALL)
START = "import keras\nimport numpy as np\nfrom keras import layers\n"
RECORD = {
    "collection": "shapes",
    "scenes": 12,
    "accuracy_pass": 0.0,
    "iou_pass": 0.0,
    "accuracy_strong": 0.99,
    "iou_strong": 0.99,
}


def cells(*, solved: bool) -> dict[str, str]:
    """The solution cells of the source notebook but for training,
    with their solutions or as students get them.
    """
    notebook = json.loads(SOURCE.read_text(encoding="utf-8"))
    texts = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    tasks = [task for task in GRADERS if task != "train_localizer"]
    given = texts["build_sequential"].partition("\n\n\nlabkit")[0]
    return {
        task: f"{START}{given}\n{SOLUTION.sub(chr(92) + '1' if solved else '', texts[task])}"
        for task in tasks
    }


def judged(folder: Path, sources: Mapping[str, str], **records: Any) -> dict[str, TaskVerdict]:
    """The verdict on some cells."""
    folder.mkdir(exist_ok=True)
    answered(folder, NAME, sources, {task: GRADERS[task] for task in sources})
    return {
        task.task: task for task in verdict(folder, NAME, tuple(sources), calibration=records).tasks
    }


def shortcomings(task: TaskVerdict) -> list[tuple[str, str, str, str]]:
    return [(c.check, c.ending, c.expected, c.found) for c in task.checks if c.ending != "passed"]


@pytest.mark.slow
def test_the_reference_scores_full(tmp_path: Path) -> None:
    """Every check passes for the solutions in the source notebook."""
    found = judged(tmp_path, cells(solved=True))
    assert [one for task in found.values() for one in shortcomings(task)] == []


def test_the_untouched_notebook_scores_nothing(tmp_path: Path) -> None:
    """No check passes for the cells that students get, and none is broken."""
    tasks = judged(tmp_path, cells(solved=False))
    assert {task: one.score for task, one in tasks.items()} == dict.fromkeys(tasks, 0.0)
    assert {check.ending for task in tasks.values() for check in task.checks} == {
        "failed",
        "blocked",
    }


def test_four_to_twelve_checks_a_task() -> None:
    """Partial credit comes in steps, and each check says in a sentence what is established."""
    for grader in GRADERS.values():
        checks = [value for name, value in vars(grader.module).items() if name.startswith("test_")]
        assert (grader.task, 4 <= len(checks) <= 12) == (grader.task, True)
        assert all(check.__doc__.strip().endswith(".") for check in checks)


def test_questions_depend_on_the_seed_alone() -> None:
    """The judge gets back the questions that the student room was asked;
    another run is asked others.
    """
    asked = {seed: [g.questions(seed) for g in GRADERS.values()] for seed in (SEED, SEED + 1)}
    assert asked[SEED] == [grader.questions(SEED) for grader in GRADERS.values()]
    assert asked[SEED] != asked[SEED + 1]


def test_every_misconception_has_a_hint_a_use_and_a_recipe() -> None:
    """Ids that graders name are written in the hints, no hint is left over,
    and a known submission triggers each.
    """
    code = [path.read_text(encoding="utf-8") for path in (FOLDER / NAME).glob("*.py")]
    assert set(hints(NAME)) - set(re.findall(r'"(\w+)"', "\n".join(code))) == set()
    assert set(re.findall(r'mistake="(\w+)"', "\n".join(code))) - set(hints(NAME)) == set()
    bank = "".join(
        path.read_text(encoding="utf-8")
        for path in (Path(__file__).parent / "bank" / NAME).glob("*.py")
    )
    assert set(hints(NAME)) - set(re.findall(r'^\w+ = "(\w+)"$', bank, re.MULTILINE)) == set()


@pytest.mark.slow
def test_hidden_networks_are_those_of_keras() -> None:
    """The narrow VGG16 and ResNet50 have the layers of `keras.applications`,
    by class, name and wiring.
    """
    import keras

    applications = keras.applications
    for ours, theirs in (
        (NETWORKS.vgg16_with_top(1, 4, 5), applications.VGG16),
        (NETWORKS.resnet(1, 4, 5, NETWORKS.RESNET50), applications.ResNet50),
    ):
        with keras.StatelessScope():
            wanted = theirs(weights=None, include_top=True, input_shape=(32, 32, 3), classes=5)
            layers = {
                layer.name: (type(layer).__name__, _reads(layer)) for layer in wanted.layers[1:]
            }
        assert {
            layer.name: (type(layer).__name__, _reads(layer)) for layer in made(ours).layers[1:]
        } == layers


def _reads(layer: Any) -> list[str]:
    tensors = layer.input if isinstance(layer.input, list) else [layer.input]
    names = [tensor._keras_history.operation.name for tensor in tensors]
    return sorted("input" if name.startswith("input_layer") else name for name in names)


def test_the_last_layer_may_read_an_operation() -> None:
    """In one hidden network, `layers[-2]` is not what the last layer reads;
    in all of them some order matters.
    """
    network = made(NETWORKS.summed(1, 16, 4, 3))
    assert network.layers[-1].input is not network.layers[-2].output
    layers = made(NETWORKS.forked(1, 16, 4, 3)).layers
    assert [layer.name for layer in layers if not layer.trainable] == ["stem"]


@pytest.mark.parametrize(
    ("recipe", "lost"),
    [
        ("frozen_encoder_and_metadata", {"one_encoder", "branches"}),
        ("encoder_frozen_but_for_its_end", set()),
        ("twins_of_truth_values", {"one_sigmoid"}),
    ],
)
def test_some_of_each_branch_trains_and_sees_shades(
    recipe: str, lost: set[str], tmp_path: Path
) -> None:
    """Of what one input passes, something has to train, not all; and pixels are no truth values."""
    tasks = judged(tmp_path, read_recipe(BANK / f"{recipe}.py").cells)
    assert {row[0] for task in tasks.values() for row in shortcomings(task)} == lost


def test_overlap() -> None:
    """Half covered, untouched, the same, turned inside out, not a number."""
    wanted = np.tile(np.array([[0.0, 0.0, 0.5, 1.0]]), (5, 1))
    found = np.array(
        [[0, 0, 1, 1], [0.6, 0, 1, 1], [0, 0, 0.5, 1], [0.5, 1, 0, 0], [np.nan, 0, 1, 1]]
    )
    overlap = load(FOLDER / NAME / "_boxes.py").overlap
    np.testing.assert_allclose(overlap(found, wanted), [0.5, 0, 1, 0, 0])


TRAINED = """
    inputs = keras.Input((64, 64, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, strides=8, activation="relu")(inputs))
    label = layers.Dense(6, activation="softmax", name="label")(x)
    box = layers.Dense(4, activation="sigmoid")(x)
    trained_localizer = keras.Model(inputs, {outputs})
"""


@pytest.mark.parametrize(
    "outputs", ['{"label": label, "box": box}', "[label, box]", "[box, label]"]
)
def test_the_second_step_counts_after_the_first(outputs: str, tmp_path: Path) -> None:
    """The strong thresholds earn their share only beyond the first ones;
    outputs are known by name, else by size.
    """
    cell = START + dedent(TRAINED).replace("{outputs}", outputs)
    found = judged(tmp_path / "run", {"train_localizer": cell}, train_localizer=RECORD)
    task = found["train_localizer"]
    assert task.score == pytest.approx(0.6)
    assert [check.ending for check in task.checks] == ["passed", "passed", "failed", "failed"]


@pytest.mark.parametrize(
    "written",
    [
        lambda x, y, right, low: (y, x, low, right),
        lambda x, y, right, low: (x, right, y, low),
        lambda x, y, right, low: (y, low, x, right),
        lambda x, y, right, low: (x, y, right - x, low - y),
        lambda x, y, right, low: (y, x, low - y, right - x),
        lambda x, y, right, low: ((x + right) / 2, (y + low) / 2, right - x, low - y),
        lambda x, y, right, low: ((y + low) / 2, (x + right) / 2, low - y, right - x),
    ],
    ids=["yxyx", "xxyy", "yyxx", "xywh", "yxhw", "cxcywh", "cycxhw"],
)
def test_boxes_in_other_conventions_are_known(written: Any) -> None:
    """Corners, sizes and centres, x or y first; a right box is none of them."""
    boxes = load(FOLDER / NAME / "_boxes.py")
    right = np.array([[0.1, 0.2, 0.5, 0.9], [0.3, 0.05, 0.6, 0.2]])
    found = np.stack(written(*right.T), axis=1)
    assert any(np.allclose(one, right) for one in boxes.in_other_conventions(found))
    assert not any(np.allclose(one, right) for one in boxes.in_other_conventions(right))
