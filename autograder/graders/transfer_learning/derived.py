"""The released backbone's features, the same for whatever a student hands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from labkit import backbone, scenes


def hidden_features(hidden: Any, records: Mapping[str, Any]) -> np.ndarray:
    """Of the scenes on which the feature classifier is measured."""
    return _features(hidden("fewshot", int(records["feature_classifier"]["scenes"])))


def validation_features(hidden: Any, records: Mapping[str, Any]) -> np.ndarray:  # noqa: ARG001
    """Of the split that students measure on."""
    return _features(scenes("fewshot", "validation"))


def _features(drawn: Any) -> np.ndarray:
    found: np.ndarray = backbone().predict(drawn.images, batch_size=100, verbose=0)
    return found
