"""The measures of functional_api's thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.calibration.scores import Hidden, Parts

from ._boxes import overlap


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
