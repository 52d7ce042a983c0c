"""train_localizer: accuracy of the label and overlap of the box on hidden scenes,
in two steps each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.architecture.facts import Head
from autograder.judge import Case, Question, Variable, cases, expect, hint, needs, weight
from autograder.judge.expectations import apart
from autograder.judge.structure import names, shown
from autograder.judge.trained import SCALES, expect_learnt, remark_on_logits, scaled, takes

from ._boxes import overlap
from ._ends import head_models, label_and_box
from ._mistakes import box_mistake, heads_mistake, label_mistake

# The reference calls build_localizer here, but a student need not: so no NEEDS.
CLASSES = 6
TOO_LARGE = 20_000_000  # parameters of a model that is not even tried

Hidden = Callable[[str, int], Any]
Record = Mapping[str, float]


def questions(_: np.random.Generator) -> dict[str, Question]:
    return {"model": Variable("trained_localizer", weights=True)}


@weight(3)
@cases("model")
def test_names_it(case: Case, hidden: Hidden, calibration: Record) -> None:
    """On scenes that nobody has seen, the label is right often enough
    to show that the model has learnt.
    """
    trial, asked = tried(case, hidden, calibration), calibration["accuracy_pass"]
    found, known = trial.accuracy(), label_mistake(case, trial.accuracy, asked, CLASSES)
    said, least = apart(found, asked, ".1%")
    wanted = f"an accuracy of at least {least} on {len(trial.scenes.labels):,} new scenes"
    expect_learnt(case, found >= asked, wanted, said, known)
    remark_on_logits(case)


@weight(3)
@cases("model")
def test_finds_it(case: Case, hidden: Hidden, calibration: Record) -> None:
    """On scenes that nobody has seen, the box overlaps with the right one well enough
    to show that the model has learnt.
    """
    trial, asked = tried(case, hidden, calibration), calibration["iou_pass"]
    found = trial.overlap(*scale_of(trial, calibration))
    known = box_mistake(case, trial.boxes, trial.scenes.boxes, asked)
    said, least = apart(found, asked, ".2f")
    wanted = f"a mean overlap (intersection over union) of at least {least}"
    expect_learnt(case, found >= asked, wanted, said, known)


@weight(2)
@needs("test_names_it")
@hint("More different scenes, more epochs, or a learning rate that falls towards the end?")
@cases("model")
def test_names_it_well(case: Case, hidden: Hidden, calibration: Record) -> None:
    """The label is right as often as a good network's."""
    found, asked = tried(case, hidden, calibration).accuracy(), calibration["accuracy_strong"]
    said, least = apart(found, asked, ".1%")
    expect(found >= asked, f"an accuracy of at least {least}", said)


@weight(2)
@needs("test_finds_it")
@hint("How much does the loss of the box weigh, and does its head see where things are?")
@cases("model")
def test_finds_it_well(case: Case, hidden: Hidden, calibration: Record) -> None:
    """The box overlaps with the right one as well as a good network's."""
    trial, asked = tried(case, hidden, calibration), calibration["iou_strong"]
    found = trial.overlap(*scale_of(trial, calibration))
    said, least = apart(found, asked, ".2f")
    expect(found >= asked, f"a mean overlap of at least {least}", said)


@dataclass(frozen=True, eq=False)
class Trial:
    """A model, tried on hidden scenes; their pixels as they are, or scaled as (scale, shift)."""

    case: Case
    heads: Mapping[str, Head]
    scenes: Any

    def accuracy(self, *how: float) -> float:
        """How often the label is right."""
        return float(np.mean(self.predicted(*how)[0].argmax(axis=1) == self.scenes.labels))

    def overlap(self, *how: float) -> float:
        """How well the boxes lie, on average."""
        return float(overlap(self.boxes(*how), self.scenes.boxes).mean())

    def boxes(self, *how: float) -> np.ndarray:
        """What the model gives for boxes."""
        return self.predicted(*how)[1]

    def predicted(self, scale: float = 1.0, shift: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """What the model gives for labels and boxes."""

        def predict() -> Any:
            import keras

            label, box = (head_models(self.case, self.heads)[name] for name in ("label", "box"))
            both = keras.Model(label.inputs[0], [label.outputs[0], box.outputs[0]])
            pixels = scaled(self.scenes.images, scale, shift)
            return both.predict(pixels, batch_size=100, verbose=0)

        what = f"predicted for pixels * {scale} + {shift}"
        label, box = self.case.answers.once(what, self.case.name, predict)
        return label, box


def scale_of(trial: Trial, calibration: Record) -> tuple[float, ...]:
    """How pixels are scaled for the model to name them well enough, if raw ones are not named: what
    that costs is lost at the label, the box is judged by itself.
    """
    asked = calibration["accuracy_pass"]
    if trial.accuracy() >= asked:
        return ()
    return next((how for how in SCALES if trial.accuracy(*how) >= asked), ())


def tried(case: Case, hidden: Hidden, calibration: Record) -> Trial:
    """The trial of the model.

    Raises:
        Failure: it takes no images of 64×64×3, gives no label and box, or is far too large.
    """
    given = [case.architecture.node(number) for number in case.architecture.inputs]
    fits = takes(case.architecture, (64, 64, 3)) and len(given) == 1
    shapes = f"inputs {names(given)}, the first of shape {shown(given[0])}"
    expect(fits, "a model of one image of 64×64×3", shapes)
    heads = label_and_box(case, CLASSES, heads_mistake)
    label, box = heads["label"].name, heads["box"].name
    claim = f"head({label!r}, units={CLASSES}, rank=2) and head({box!r}, units=4, rank=2)"
    case.expect(claim, mistake=heads_mistake)
    case.expect(f"parameters <= {TOO_LARGE}")
    return Trial(case, heads, hidden("shapes", int(calibration["scenes"])))
