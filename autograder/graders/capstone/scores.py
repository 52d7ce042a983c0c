"""The measures of the capstone's thresholds."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.calibration.scores import Hidden, Parts, right


def group_classifier(model: Any, hidden: Hidden) -> Parts:
    """Accuracy over the first collection, and in the worst group; the second one has scenes of the
    rare group alone.
    """
    natural, rare = hidden.values()
    hits = right(model, natural)
    frequent = np.concatenate([one.groups for one in natural]) == 0
    return {"overall": [hits], "worst_group": [hits[frequent], right(model, rare)]}
