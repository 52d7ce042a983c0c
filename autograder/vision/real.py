"""Real images and weights in the place of drawn scenes and "minivgg",
where a course has prepared some.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .dice import key_of, words

# the variable that names a course's data folder; a copy of labkit has its own in `real`
PLACE = "LABKIT_DATA"
# images, labels, names of the classes
Split = tuple[NDArray[np.uint8], NDArray[np.int64], tuple[str, ...]]


def find(name: str) -> Path | None:
    """The file of that name which students have too, if there is one."""
    course = os.environ.get(PLACE)
    path = Path(course, "public", name) if course else Path(__file__).parent / "real" / name
    return path if path.is_file() else None


def find_hidden(name: str) -> Path | None:
    """The file of that name which only the judge has, if there is one."""
    course = os.environ.get(PLACE)
    path = Path(course, "hidden", name) if course else None
    return path if path is not None and path.is_file() else None


def read_split(path: Path, split: str, n: int | None, seed: int | None) -> Split:
    """The first `n` images of a split, or all; another seed brings them into another order."""
    images, labels, names = _read(path, split)
    n = _enough(path.stem, split, len(labels), n)
    order = (
        np.arange(len(labels))
        if seed is None
        else np.argsort(words(key_of("order", seed), len(labels)))
    )
    return images[order[:n]], labels[order[:n]], names


def read_hidden(path: Path, seed: int | str, n: int) -> Split:
    """`n` images of the hidden split in a row, from where the seed says on;
    as balanced as the split itself.
    """
    images, labels, names = _read(path, "hidden")
    _enough(path.stem, "hidden", len(labels), n)
    row = (key_of("hidden", seed) % len(labels) + np.arange(n)) % len(labels)
    return images[row], labels[row], names


def enlarged(images: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Each pixel repeated until the images have that side."""
    times = side // images.shape[1]
    return images.repeat(times, axis=1).repeat(times, axis=2) if times > 1 else images


def _read(path: Path, split: str) -> tuple[NDArray[Any], NDArray[Any], tuple[str, ...]]:
    with np.load(path, allow_pickle=False) as arrays:
        return (
            arrays[f"{split}_images"],
            arrays[f"{split}_labels"],
            tuple(map(str, arrays["class_names"])),
        )


def _enough(collection: str, split: str, there: int, n: int | None) -> int:
    if n is not None and n > there:
        raise ValueError(
            f"{n:,} images were asked for, but the {split} split of {collection!r} "
            f"has {there:,}: it holds real images and can't draw more. "
            "Ask for fewer, or give the course more of them."
        )
    return there if n is None else n
