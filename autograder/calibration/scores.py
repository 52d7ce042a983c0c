"""How a trained model fares on each hidden scene:
for each measure its parts, the lowest mean of which is the value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.judge.functional import overlap
from autograder.labkit.backbone import backbone
from autograder.labkit.scenes import Scenes

Hidden = dict[str, list[Scenes]]
Parts = dict[str, list[np.ndarray]]  # scores in [0, 1], one a scene


def classifier(model: Any, hidden: Hidden) -> Parts:
    """Accuracy on the only collection."""
    [sets] = hidden.values()
    return {"accuracy": [_right(model, sets)]}


def feature_classifier(model: Any, hidden: Hidden) -> Parts:
    """Accuracy on the backbone's features of the only collection."""
    [sets] = hidden.values()
    base = backbone()
    right = [
        model.predict(base.predict(one.images, batch_size=100, verbose=0), verbose=0).argmax(axis=1)
        == one.labels
        for one in sets
    ]
    return {"accuracy": [np.concatenate(right)]}


def group_classifier(model: Any, hidden: Hidden) -> Parts:
    """Accuracy over the first collection, and in the worst group;
    the second one has scenes of the rare group alone.
    """
    natural, rare = hidden.values()
    right = _right(model, natural)
    frequent = np.concatenate([one.groups for one in natural]) == 0
    return {"overall": [right], "worst_group": [right[frequent], _right(model, rare)]}


def localizer(model: Any, hidden: Hidden) -> Parts:
    """Accuracy of the label and mean intersection over union of the box."""
    [sets] = hidden.values()
    found = [model.predict(one.images, batch_size=100, verbose=0) for one in sets]
    pairs = list(zip(found, sets, strict=True))
    return {
        "accuracy": [
            np.concatenate([one["label"].argmax(axis=1) == scenes.labels for one, scenes in pairs])
        ],
        "iou": [np.concatenate([overlap(one["box"], scenes.boxes) for one, scenes in pairs])],
    }


def _right(model: Any, sets: list[Scenes]) -> np.ndarray:
    guesses = [model.predict(one.images, batch_size=100, verbose=0).argmax(axis=1) for one in sets]
    return np.concatenate([guess == one.labels for guess, one in zip(guesses, sets, strict=True)])


SCORERS: dict[str, Callable[[Any, Hidden], Parts]] = {
    "classifier": classifier,
    "feature_classifier": feature_classifier,
    "group_classifier": group_classifier,
    "localizer": localizer,
}
