"""Boxes (x_min, y_min, x_max, y_max)."""

from __future__ import annotations

import numpy as np


def overlap(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Intersection over union, row by row, of boxes (x_min, y_min, x_max, y_max);
    0 for what is no box.
    """
    low, high = np.maximum(found[:, :2], wanted[:, :2]), np.minimum(found[:, 2:], wanted[:, 2:])
    both = np.prod(np.clip(high - low, 0, None), axis=1)
    union = _area(found) + _area(wanted) - both
    shares = np.divide(both, union, out=np.zeros(len(both)), where=union > 0)
    found_shares: np.ndarray = np.nan_to_num(shares).astype("float64")
    return found_shares


def in_other_conventions(boxes: np.ndarray) -> list[np.ndarray]:
    """What boxes are if they are meant in another way:
    (y, x, …), (x, y, width, height), (x of the centre, y of the centre, width, height).
    """
    x, y, across, high = boxes.T
    return [
        np.stack([y, x, high, across], axis=1),
        np.stack([x, y, x + across, y + high], axis=1),
        np.stack([x - across / 2, y - high / 2, x + across / 2, y + high / 2], axis=1),
    ]


def _area(boxes: np.ndarray) -> np.ndarray:
    area: np.ndarray = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)
    return area
