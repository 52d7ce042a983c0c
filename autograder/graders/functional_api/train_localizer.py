"""train_localizer: accuracy of the label and overlap of the box on hidden scenes,
in two steps each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.answers.questions import Question, Variable
from autograder.architecture.parameters import count_parameters
from autograder.judge import Answers, expect, needs, weight
from autograder.judge.trained import SCALES, scaled

from ._boxes import overlap
from ._ends import head_models, named_heads

# The reference calls build_localizer here, but a student need not: so no NEEDS.
CLASSES = 6
MOVING = frozenset(
    f"Random{what}"
    for what in ("Crop", "Flip", "Perspective", "Rotation", "Shear", "Translation", "Zoom")
)
TOO_LARGE = 20_000_000  # parameters of a model that is not even tried

Hidden = Callable[[str, int], Any]
Record = Mapping[str, float]


def questions(_: np.random.Generator) -> dict[str, Question]:
    return {"model": Variable("trained_localizer", weights=True)}


@weight(3)
def test_names_it(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """On scenes that nobody has seen, the label is right often enough
    to show that the model has learnt.
    """
    found = measured(answers, hidden, calibration)["accuracy"]
    wanted = calibration["accuracy_pass"]
    mistake = None if found >= wanted else label_mistake(answers, hidden, calibration)
    expect(
        found >= wanted,
        f"an accuracy of at least {wanted:.0%} on {calibration['scenes']:,} new scenes",
        f"{found:.1%}",
        misconception=mistake,
    )


@weight(3)
def test_finds_it(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """On the same scenes, the box overlaps with the right one well enough
    to show that the model has learnt.
    """
    found = measured(answers, hidden, calibration)["iou"]
    wanted = calibration["iou_pass"]
    expect(
        found >= wanted,
        f"a mean overlap (intersection over union) of at least {wanted:.2f}",
        f"{found:.2f}",
        misconception=None if found >= wanted else box_mistake(answers, hidden, calibration),
    )


@weight(2)
@needs("test_names_it", "test_finds_it")
def test_names_it_well(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """The label is right as often as a good network's."""
    found = measured(answers, hidden, calibration)["accuracy"]
    wanted = calibration["accuracy_strong"]
    expect(
        found >= wanted,
        f"an accuracy of at least {wanted:.0%}",
        f"{found:.1%}",
        hint="More different scenes, more epochs, or a learning rate that falls towards the end?",
    )


@weight(2)
@needs("test_names_it", "test_finds_it")
def test_finds_it_well(answers: Answers, hidden: Hidden, calibration: Record) -> None:
    """The box overlaps with the right one as well as a good network's."""
    found, wanted = measured(answers, hidden, calibration)["iou"], calibration["iou_strong"]
    expect(
        found >= wanted,
        f"a mean overlap of at least {wanted:.2f}",
        f"{found:.2f}",
        hint="How much does the loss of the box weigh, and does its head see where things are?",
    )


def measured(answers: Answers, hidden: Hidden, calibration: Record) -> dict[str, float]:
    """Accuracy and mean overlap on hidden scenes."""
    scenes, (label, box) = scenes_for(hidden, calibration), predicted(answers, hidden, calibration)
    return {
        "accuracy": float(np.mean(label.argmax(axis=1) == scenes.labels)),
        "iou": float(overlap(box, scenes.boxes).mean()),
    }


def predicted(
    answers: Answers, hidden: Hidden, calibration: Record, scale: float = 1.0, shift: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """What the model says about the hidden scenes."""
    parts = localizer(answers)

    def predict() -> tuple[np.ndarray, np.ndarray]:
        import keras

        pixels = scaled(scenes_for(hidden, calibration).images, scale, shift)
        both = keras.Model(
            parts["label"].inputs[0], [parts["label"].outputs[0], parts["box"].outputs[0]]
        )
        label, box = both.predict(pixels, batch_size=100, verbose=0)
        return label, box

    found: tuple[np.ndarray, np.ndarray] = answers.once(
        f"predicted {scale} {shift}", "model", predict
    )
    return found


def localizer(answers: Answers) -> dict[str, Any]:
    """A model for each head.

    Raises:
        Failure: it takes no images of 64×64×3, or gives no label and box.
    """
    architecture = answers.architecture("model")
    given = architecture.node(architecture.inputs[0]).shape or ()
    fits = len(given) == 4 and all(
        size in {None, wanted} for size, wanted in zip(given[1:], (64, 64, 3), strict=True)
    )
    expect(
        fits and len(architecture.inputs) == 1,
        "a model of one image of 64×64×3",
        f"an input of shape {given}",
    )
    heads = named_heads(architecture, CLASSES)
    shapes = {name: (head.node.shape or ())[1:] for name, head in heads.items()}
    expect(
        shapes["label"] == (CLASSES,) and shapes["box"] == (4,),
        "six numbers for the label, four for the box",
        shapes,
        misconception="dense_on_feature_map" if any(map(len, shapes.values())) else None,
    )
    total = count_parameters(architecture).total
    expect(total <= TOO_LARGE, f"at most {TOO_LARGE:,} parameters", f"{total:,}")
    parts: dict[str, Any] = answers.once(
        "heads", "model", lambda: head_models(answers.model("model"), architecture, CLASSES)
    )
    return parts


def label_mistake(answers: Answers, hidden: Hidden, calibration: Record) -> str | None:
    """Why the label is wrong: the model expects scaled pixels, or it has learnt nothing."""
    scenes = scenes_for(hidden, calibration)
    others = [predicted(answers, hidden, calibration, *how)[0] for how in SCALES]
    best = [float(np.mean(label.argmax(axis=1) == scenes.labels)) for label in others]
    if max(best) >= calibration["accuracy_pass"]:
        return "scaled_outside"
    found = measured(answers, hidden, calibration)["accuracy"]
    return "learnt_nothing" if max(found, *best) < 1 / CLASSES + 0.08 else None


def box_mistake(answers: Answers, hidden: Hidden, calibration: Record) -> str | None:
    """Why the boxes are wrong: pixels instead of shares, another convention, or scaled images."""
    scenes = scenes_for(hidden, calibration)
    box = predicted(answers, hidden, calibration)[1].astype("float64")
    x, y, across, high = box.T
    others = {
        "boxes_in_pixels": [box / 64],
        "boxes_in_another_convention": [
            np.stack([y, x, high, across], axis=1),
            np.stack([x, y, x + across, y + high], axis=1),
            np.stack([x - across / 2, y - high / 2, x + across / 2, y + high / 2], axis=1),
        ],
        "scaled_outside": [predicted(answers, hidden, calibration, *how)[1] for how in SCALES],
    }
    for name, readings in others.items():
        if (
            max(float(overlap(one, scenes.boxes).mean()) for one in readings)
            >= calibration["iou_pass"]
        ):
            return name
    if any(node.cls in MOVING for node in answers.architecture("model").nodes):
        return "flipped_without_boxes"
    spread = float(box.std(axis=0).max())
    return "constant_box" if spread < 0.02 else None


def scenes_for(hidden: Hidden, calibration: Record) -> Any:
    return hidden("shapes", int(calibration["scenes"]))
