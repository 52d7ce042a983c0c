"""The graders of the capstone, as far as `autograder verify` does not show it:
credit in steps, every hint, the rule.

Known submissions, right and wrong, are in tests/bank/capstone.
"""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
from answering import FOLDER, answered, graders, hints, judged, verdict

GRADERS = graders("capstone")
NETWORK = """
    import keras
    from keras import layers
    inputs = keras.Input((64, 64, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, strides=8, activation="relu")(inputs))
    fair_model = keras.Model(inputs, layers.Dense(6, activation="softmax")(x))
"""


def test_every_misconception_has_a_hint() -> None:
    """Whatever the graders can name, the catalogue knows;
    and nothing in the catalogue is named nowhere.
    """
    text = "".join(path.read_text(encoding="utf-8") for path in (FOLDER / "capstone").glob("*.py"))
    features = ("residual", "separable", "inception", "augmentation", "batch_norm", "frozen_base")
    known = {name for name in hints("capstone") if re.search(rf'"{name}"', text)}
    assert set(hints("capstone")) == known | {f"{feature}_not_connected" for feature in features}
    named = set(re.findall(r'mistake="(\w+)"', text))
    assert named <= set(hints("capstone"))


@pytest.mark.parametrize(
    ("overall", "worst", "score"),
    [(0.9, 0.9, 0.0), (0.0, 0.9, 2 / 5), (0.0, 0.0, 1.0)],
    ids=["no", "overall", "both"],
)
def test_the_worst_group_counts_after_the_whole(
    overall: float, worst: float, score: float, tmp_path: Path
) -> None:
    """Accuracy in the worst group earns its share only once the accuracy over all is reached."""
    run = tmp_path / "run"
    run.mkdir()
    answered(
        run, "capstone", {"fair_model": dedent(NETWORK)}, {"fair_model": GRADERS["fair_model"]}
    )
    record = {
        "overall": overall,
        "worst_group": worst,
        "collection": "biased",
        "scenes": 40,
        "also": [["biased_rare", 20]],
    }
    task = verdict(run, "capstone", ("fair_model",), calibration={"fair_model": record}).tasks[0]
    assert task.score == pytest.approx(score, abs=1e-3)
    assert {check.ending for check in task.checks} <= {"passed", "failed", "blocked"}


@pytest.mark.parametrize(
    ("more", "misconception", "told"),
    [
        ("", "untrained", ""),
        ("[one.assign_add(one + 0.1) for one in fair_model.weights]", "learnt_nothing", ""),
        ("fair_model.layers[-1].bias.assign([0.1, 0, 0, 0, 0, 0])", "untrained", ""),
        ("fair_model.fit(nothing)", None, "your cell stopped with NameError"),
    ],
)
def test_why_a_model_guesses(
    more: str, misconception: str | None, told: str, tmp_path: Path
) -> None:
    """A model whose biases are as Keras makes them was never fitted, one that was learnt nothing;
    where the cell stopped before its end, the error is what is found.
    """
    run = tmp_path / "run"
    run.mkdir()
    cell = dedent(NETWORK) + more
    answered(run, "capstone", {"fair_model": cell}, {"fair_model": GRADERS["fair_model"]})
    record = {
        "overall": 0.9,
        "worst_group": 0.9,
        "collection": "biased",
        "scenes": 40,
        "also": [["biased_rare", 20]],
    }
    task = verdict(run, "capstone", ("fair_model",), calibration={"fair_model": record}).tasks[0]
    assert task.checks[0].misconception == misconception
    assert task.checks[0].found.startswith(told)


AUDIT_OF_NOTHING = """
    def audit(labels, predictions, groups):
        return {"accuracy": {0: 0.1, 1: 0.9}, "worst_group": 0, "gap": 0.8}
"""
AUDIT_OF_MISTAKES = """
    import numpy as np
    def audit(labels, predictions, groups):
        wrong = {int(g): float(np.mean((labels != predictions)[groups == g]))
                 for g in np.unique(groups)}
        if not wrong:
            return {"accuracy": {}, "worst_group": None, "gap": 0.0}
        worst = min(sorted(wrong), key=wrong.get)
        return {"accuracy": wrong, "worst_group": worst,
                "gap": max(wrong.values()) - min(wrong.values())}
"""


@pytest.mark.parametrize(
    ("cell", "passed"),
    [
        (AUDIT_OF_NOTHING, set()),
        (AUDIT_OF_MISTAKES, {"worst_group", "lowest_id_wins_a_tie", "gap", "no_samples"}),
    ],
    ids=["made up", "shares of mistakes"],
)
def test_what_follows_from_wrong_accuracies_is_right(
    cell: str, passed: set[str], tmp_path: Path
) -> None:
    """One mistake costs the accuracies; but what comes from no samples is worth nothing."""
    [task] = judged(tmp_path, "capstone", {"audit": dedent(cell)}).values()
    assert {check.check for check in task.checks if check.ending == "passed"} == passed


AUGMENTED = """
    import keras
    from keras import layers
    def build_model(input_shape, num_classes):
        inputs = keras.Input(input_shape)
        x = {first}(inputs)
        x = layers.Rescaling(1 / 255)(x)
        x = layers.Conv2D(16, 3, strides=4, padding="same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
        x = x + layers.Conv2D(16, 3, padding="same")(x)
        x = layers.GlobalAveragePooling2D()(x)
        last = layers.Dense(num_classes, activation="softmax", kernel_initializer={start!r})
        return keras.Model(inputs, last(x))
"""


@pytest.mark.parametrize(
    "first",
    [
        "layers.GaussianNoise(0.0)",
        "layers.RandomCrop(*input_shape[:2])",
        "layers.RandomErasing(factor=0.0)",
        "layers.RandomRotation(1e-12)",
        "layers.RandomSharpness(0.0)",
    ],
)
def test_augmentation_by_which_nothing_changes_is_no_feature(first: str, tmp_path: Path) -> None:
    """Of three features one does nothing at random, by its settings or as images show."""
    cell = dedent(AUGMENTED).format(first=first, start="glorot_uniform")
    [task] = judged(tmp_path, "capstone", {"design": cell}).values()
    lost = {check.check: check.misconception for check in task.checks if check.ending != "passed"}
    assert lost == {"three_features": "augmentation_of_nothing"}


@pytest.mark.parametrize(
    ("first", "start"),
    [
        ("layers.GaussianNoise(0.05)", "glorot_uniform"),
        ("layers.RandomErasing(factor=0.1)", "glorot_uniform"),
        ("layers.RandomPosterization(4)", "zeros"),
        ("(lambda x: layers.RandomFlip()(x, training=False))", "glorot_uniform"),
    ],
    ids=["noise", "seldom", "with a head of zeros", "told not to train"],
)
def test_augmentation_is_a_feature_however_it_is_called(
    first: str, start: str, tmp_path: Path
) -> None:
    """What happens seldom counts, and what was called with training=False: a functional model in
    training calls its layers as it is called itself. A head that gives nothing yet hides nothing.
    """
    cell = dedent(AUGMENTED).format(first=first, start=start)
    [task] = judged(tmp_path, "capstone", {"design": cell}).values()
    lost = {check.check for check in task.checks if check.ending != "passed"}
    assert lost <= ({"looks_at_the_image"} if start == "zeros" else set())


def test_the_rule_against_a_count_by_hand() -> None:
    """Four samples in two bins of a column: Q = 3/4 and 1/4,
    so with alpha 1/4 the weights are 1, 1, 1 and 2.
    """
    rule = GRADERS["resampling"].module.equation_4
    np.testing.assert_allclose(
        rule(np.array([[0.0], [0.1], [0.2], [1.0]]), 2, 0.25), [0.2, 0.2, 0.2, 0.4]
    )


def test_the_rule_stays_finite() -> None:
    """Sixteen dimensions with a hundred bins and hardly any alpha."""
    found = GRADERS["resampling"].module.equation_4(
        np.random.default_rng(0).normal(size=(500, 16)), 100, 1e-12
    )
    assert np.isfinite(found).all()
    assert found.sum() == pytest.approx(1)


def test_an_open_task_is_told_as_such(tmp_path: Path) -> None:
    """What nobody has written yet is not reported as an exception;
    the function is called by its name.
    """
    [task] = judged(tmp_path, "capstone", {"audit": AUDIT_AS_RELEASED}).values()
    failed = [check for check in task.checks if check.ending == "failed"]
    assert failed
    assert {check.found for check in failed} == {"audit is still to be written"}


AUDIT_AS_RELEASED = (
    'def audit(labels, predictions, groups):\n    raise NotImplementedError("audit")\n'
)
