"""What `extract_features` was asked about: the images, and what the base gives for them."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.judge import Case

from ._bases import drawn
from ._inside import given_base


def images_of(case: Case) -> np.ndarray:
    """The images that the function was given."""
    return drawn(case.args[1])


def batch_of(case: Case) -> int:
    """The size of batches that it was given, or its default."""
    return int(case.kwargs.get("batch_size", 32))


def right_features(case: Case) -> np.ndarray:
    """What the base gives for the images in inference mode."""
    found: np.ndarray = case.answers.once(
        "features", case.name, lambda: predicted(given_base(case), images_of(case))
    )
    return found


def predicted(base: Any, images: np.ndarray) -> np.ndarray:
    """What a base gives in inference mode."""
    return np.asarray(base(images.astype("float32"), training=False))


def close(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Equal but for rounding, measured by the largest of the numbers."""
    tolerance = 1e-3 * float(np.abs(wanted).max()) + 1e-6
    return found.shape == wanted.shape and bool(np.abs(found - wanted).max() <= tolerance)
