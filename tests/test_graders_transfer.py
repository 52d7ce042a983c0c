"""The graders of transfer_learning: the reference is right,
the untouched cell is not, mistakes are named.

More known submissions, right and wrong, are in tests/bank; `autograder verify` runs those in real
rooms.
"""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from answering import FOLDER, SEED, answered, graders, hints, verdict

from autograder.answers.networks import made
from autograder.judge.hidden_side import load
from autograder.records import TaskVerdict

NAME = "transfer_learning"
BASES = load(FOLDER / NAME / "_bases.py")
SOURCE = Path(__file__).parent.parent / "source" / NAME / f"{NAME}.ipynb"
SOLUTION = re.compile(r"[ \t]*### BEGIN SOLUTION\n(.*?)[ \t]*### END SOLUTION\n?", re.DOTALL)
START = "import keras\nimport numpy as np\nfrom keras import layers\n"
TRAINED = ("feature_classifier", "fine_tuned")  # take training: tested by themselves
RECORD = {"collection": "fewshot", "scenes": 12, "pass": 0.0, "largest_change": 0.2}


def cells(*, solved: bool) -> dict[str, str]:
    """The solution cells of the source notebook, with their solutions or as students get them."""
    notebook = json.loads(SOURCE.read_text(encoding="utf-8"))
    found = {}
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("nbgrader", {})
        if mark.get("solution") and cell["cell_type"] == "code":
            text = "".join(cell["source"])
            found[mark["grade_id"]] = START + SOLUTION.sub(r"\1" if solved else "", text)
    return found


def judged(
    folder: Path, sources: Mapping[str, str], given: Mapping[str, Any] | None = None, **records: Any
) -> dict[str, TaskVerdict]:
    """The verdict on some cells."""
    found = {task: grader for task, grader in graders(NAME).items() if task in sources}
    folder.mkdir(exist_ok=True)
    answered(folder, NAME, sources, found, given)
    return {
        task.task: task for task in verdict(folder, NAME, tuple(found), calibration=records).tasks
    }


def untrained(*, solved: bool) -> dict[str, str]:
    return {task: text for task, text in cells(solved=solved).items() if task not in TRAINED}


def shortcomings(task: TaskVerdict) -> list[tuple[str, str, str, str]]:
    return [(c.check, c.ending, c.expected, c.found) for c in task.checks if c.ending != "passed"]


@pytest.mark.slow
def test_the_reference_scores_full(tmp_path: Path) -> None:
    """Every check passes for the solutions in the source notebook."""
    found = judged(tmp_path, untrained(solved=True))
    assert [one for task in found.values() for one in shortcomings(task)] == []


def test_the_untouched_notebook_scores_nothing(tmp_path: Path) -> None:
    """No check passes for the cells that students get, and none is broken."""
    records = dict.fromkeys(TRAINED, RECORD)
    tasks = judged(tmp_path, cells(solved=False), **records)
    assert {task: one.score for task, one in tasks.items()} == dict.fromkeys(tasks, 0.0)
    assert {check.ending for task in tasks.values() for check in task.checks} == {
        "failed",
        "blocked",
    }


def test_four_to_twelve_checks_a_task() -> None:
    """Partial credit comes in steps, and each check says in a sentence what is established."""
    for grader in graders(NAME).values():
        checks = [value for name, value in vars(grader.module).items() if name.startswith("test_")]
        assert (grader.task, 4 <= len(checks) <= 12) == (grader.task, True)
        assert all(check.__doc__.strip().endswith(".") for check in checks)


def test_questions_depend_on_the_seed_alone() -> None:
    """The judge gets back the questions that the student room was asked;
    another run is asked others.
    """
    asked = {seed: [g.questions(seed) for g in graders(NAME).values()] for seed in (SEED, SEED + 1)}
    assert asked[SEED] == [grader.questions(SEED) for grader in graders(NAME).values()]
    assert asked[SEED] != asked[SEED + 1]


def test_every_misconception_has_a_hint_and_every_hint_a_use() -> None:
    """Ids that graders name are written in the hints, and no hint is left over."""
    code = [path.read_text(encoding="utf-8") for path in (FOLDER / NAME).glob("*.py")]
    words = set(re.findall(r'"(\w+)"', "\n".join(code)))
    known = set(hints(NAME))
    assert known - words == set()
    assert len(known) >= 25
    named = set(re.findall(r'mistake="(\w+)"', "\n".join(code)))
    assert named - known == set()


@pytest.mark.slow
def test_vgg16_is_the_one_of_keras() -> None:
    """The hidden VGG16 has the layers, order and parameters of
    `keras.applications.VGG16(include_top=False)`.
    """
    import keras

    with keras.StatelessScope():
        theirs = keras.applications.VGG16(weights=None, include_top=False, input_shape=(32, 32, 3))
        wanted = [(type(layer).__name__, layer.name) for layer in theirs.layers][1:]
    ours = made(BASES.vgg16(32, seed=1))
    assert [(type(layer).__name__, layer.name) for layer in ours.layers][1:] == wanted
    assert ours.count_params() == 14_714_688
    top = [array.size for key, array in BASES.arrays_of(ours).items() if key.startswith("block5")]
    assert sum(top) == 7_079_424


HEAD = "keras.Model(i, layers.Dense(6, activation='softmax')(layers.GlobalAveragePooling2D()(x)))"
TUNED = {
    "right": ("", None),
    "batch_norm_moved": (
        "w = b.get_layer('block4_bn1').weights[2]; w.assign(w + 1e-3)",
        "batch_norm_moved",
    ),
    "unfreezes_everything": (
        "w = b.get_layer('block1_conv1').kernel; w.assign(w * 1.001)",
        "unfreezes_everything",
    ),
    "steps_too_large": (
        "w = b.get_layer('block4_conv1').kernel; w.assign(w * 1.5)",
        "steps_too_large",
    ),
    "not_fine_tuned": (
        "w = b.get_layer('block4_conv1').kernel; w.assign(w / 1.01)",
        "not_fine_tuned",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", TUNED)
def test_what_fine_tuning_moved(case: str, tmp_path: Path) -> None:
    """Each array of the released backbone is compared with the model's, and what moved is named."""
    change, misconception = TUNED[case]
    cell = f"""
        b, i = backbone(), keras.Input((64, 64, 3))
        x = b(i)
        fine_tuned_model = {HEAD}
        for name in ("block4_conv1", "block4_conv2"):
            b.get_layer(name).kernel.assign(b.get_layer(name).kernel * 1.01)
        {change}
        accuracies = dict(scratch=0.2, features=np.float32(0.5), frozen=0.5, fine_tuned=0.17)
    """
    found = judged(
        tmp_path / "run",
        {"feature_classifier": "", "fine_tuned": START + dedent(cell)},
        {"backbone": importlib.import_module("labkit").backbone},
        feature_classifier=RECORD,
        fine_tuned=RECORD,
    )["fine_tuned"]
    named = {check.misconception for check in found.checks if check.ending == "failed"} - {
        None,
        "measured_elsewhere",
    }
    assert named == ({misconception} if misconception else set()), shortcomings(found)
    assert {check.ending for check in found.checks} <= {"passed", "failed", "blocked"}


def test_without_calibration_nothing_is_decided(tmp_path: Path) -> None:
    """A threshold that was never measured is ours to measure: broken, not failed."""
    cell = START + "trained_feature_classifier = None"
    task = judged(tmp_path, {"feature_classifier": cell})["feature_classifier"]
    assert task.checks[0].ending == "broken"
    assert "calibration" in task.checks[0].found
