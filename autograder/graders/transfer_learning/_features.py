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


def rows(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """The answer's features and the right ones, for as many images as there are both of: the first,
    or the last ones if the features are theirs.
    """
    found, right = np.atleast_1d(case.answers.array(case.name)), right_features(case)
    n = min(len(found), len(right))
    of_the_last = close(found[:n], right[len(right) - n :])
    return found[:n], right[len(right) - n :] if of_the_last else right[:n]


def whole_batches(case: Case) -> int:
    """How many of the images are in batches that are full."""
    return len(images_of(case)) // batch_of(case) * batch_of(case)


def are_random(case: Case) -> bool:
    """Whether the same images got other features when they were asked for again."""
    answer = case.answers.outcome("twice")
    if answer.outcome != "array":
        return False
    first, again = answer.arrays().values()
    return not close(first, again)


def as_large(found: np.ndarray, right: np.ndarray) -> bool:
    """Whether each channel's mean is that of the right features within a factor of two: so the base
    made them, though not of these very images.
    """
    if found.shape != right.shape:
        return False
    places = tuple(range(right.ndim - 1))
    means, wanted = found.mean(axis=places), right.mean(axis=places)
    return bool((means <= 2 * wanted).all() and (wanted <= 2 * means).all() and wanted.any())


def predicted(base: Any, images: np.ndarray) -> np.ndarray:
    """What a base gives in inference mode."""
    return np.asarray(base(images.astype("float32"), training=False))


def close(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Equal but for rounding, measured by the largest of the numbers."""
    tolerance = 1e-3 * float(np.abs(wanted).max(initial=0.0)) + 1e-6
    alike = found.shape == wanted.shape and found.size > 0
    return alike and bool(np.abs(found - wanted).max() <= tolerance)


def difference(found: np.ndarray, wanted: np.ndarray) -> str:
    """How features are not the right ones."""
    if found.shape != wanted.shape:
        return f"features of shape {found.shape}"
    off, largest = np.abs(found - wanted).max(), np.abs(wanted).max()
    right = sum(map(close, found, wanted))
    said = f"numbers that are off by up to {off:.3g}, where they should go up to {largest:.3g}"
    return f"{said}; {right} of {len(found)} rows are right"
