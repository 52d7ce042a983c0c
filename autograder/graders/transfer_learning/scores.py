"""The measures of transfer_learning's thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np
from labkit import backbone

from autograder.calibration.scores import Hidden, Parts


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
