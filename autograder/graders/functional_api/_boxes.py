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
    """What boxes are if they are meant in another way: as two corners, as a corner or the centre
    with width and height, each with x or y first; or both x before both y, or the other way round.
    """
    a, b, c, d = boxes.T
    corners = [(a, b, c, d), (a, b, a + c, b + d), (a - c / 2, b - d / 2, a + c / 2, b + d / 2)]
    swapped = [(y, x, other_y, other_x) for x, y, other_x, other_y in corners]
    meant = [*corners[1:], *swapped, (a, c, b, d), (c, a, d, b)]
    return [np.stack(sides, axis=1) for sides in meant]


def _area(boxes: np.ndarray) -> np.ndarray:
    area: np.ndarray = np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1)
    return area
