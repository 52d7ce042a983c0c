"""Drawn scenes with labels, boxes and masks: one main object before a textured,
cluttered, noisy background.

Scene `i` depends on the collection, the seed and `i` alone, and is the same byte for byte on every
machine.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import real
from .collection import COLLECTIONS, JUDGED, Collection
from .dice import Dice, key_of
from .painting import SIDE, paint

_EDITION = "scenes 1"  # another edition draws other scenes: thresholds have to be measured again
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Scenes:
    """`n` scenes; everything is aligned along the first axis.

    Attributes:
        images: (n, 64, 64, 3) uint8, raw pixels in [0, 255].
        labels: (n,) int64, positions in `class_names`.
        boxes: (n, 4) float32, (x_min, y_min, x_max, y_max) of the main object, divided by the image
            side.
        masks: (n, 64, 64) bool, where the main object is.
        groups: (n,) int64, 0, or 1 for the rare and harder scenes of "biased".
        metadata: (n, 4) float32 in [0, 1]: weight, distance, warmth and hour, as if from other
            sensors.
        class_names: the names of the labels.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    boxes: NDArray[np.float32]
    masks: NDArray[np.bool_]
    groups: NDArray[np.int64]
    metadata: NDArray[np.float32]
    class_names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


def scenes(collection: str, split: str, n: int | None = None, seed: int | None = None) -> Scenes:
    """Scenes of a collection ("shapes", "pretrain", "fewshot", "biased")
    and a split ("train", "validation", "test").

    Train on the first split, choose on the second, and look at the third once. `n` scenes, by
    default as many as the collection has; another `seed` gives other scenes of the same kind. Where
    the course has prepared real images for a collection, they come instead (another `seed`: in
    another order).
    """
    _known(split, SPLITS, "split")
    sizes = _known(collection, COLLECTIONS, "collection").sizes
    if path := real.find(f"{collection}.npz"):
        return _photographed(*real.read_split(path, split, n, seed))
    return draw(collection, f"public {split} {seed}", sizes[split] if n is None else n)


def draw(collection: str, seed: int | str, n: int) -> Scenes:
    """`n` scenes of a collection from a seed of any kind: what `scenes` calls,
    and whoever keeps a seed secret.
    """
    kind: Collection = _known(collection, COLLECTIONS | JUDGED, "collection")
    if path := real.find_hidden(f"{collection}.npz"):
        return _photographed(*real.read_hidden(path, seed, n))
    key = key_of(_EDITION, collection, seed)
    return _together((_scene(kind, key, index) for index in range(n)), kind, n)


def _photographed(
    images: NDArray[np.uint8], labels: NDArray[np.int64], class_names: tuple[str, ...]
) -> Scenes:
    """Real images as scenes: the object fills the image, there is one group,
    and nothing else is known.
    """
    n = len(labels)
    return Scenes(
        images=real.enlarged(images, SIDE),
        labels=labels,
        boxes=np.tile(np.array([0, 0, 1, 1], np.float32), (n, 1)),
        masks=np.ones((n, SIDE, SIDE), np.bool_),
        groups=np.zeros(n, np.int64),
        metadata=np.zeros((n, 4), np.float32),
        class_names=class_names,
    )


def _known(name: str, choices: Iterable[str], what: str) -> Any:
    names = list(choices)
    if name not in names:
        near = difflib.get_close_matches(str(name), names, 1)
        meant = f" Did you mean {near[0]!r}?" if near else ""
        raise ValueError(
            f"There is no {what} {name!r}; there are {', '.join(map(repr, names))}.{meant}"
        )
    return choices[name] if isinstance(choices, dict) else name


def _scene(kind: Collection, key: int, index: int) -> tuple[Any, ...]:
    """One scene: image, label, box, mask, group, metadata."""
    label = _label(len(kind.outlines), key, index)
    noise_key = key_of(key, index)
    dice = Dice(noise_key)
    group = int(dice.chance(kind.rare))
    image, mask, size = paint(kind, label, group, dice, noise_key ^ 0x5EED)
    return image, label, _box(mask), mask, group, _metadata(kind, label, size, dice)


def _label(classes: int, key: int, index: int) -> int:
    """Classes come in shuffled rounds, so that any number of scenes is balanced."""
    turn, place = divmod(index, classes)
    dice = Dice(key_of(key, "round", turn))
    order = list(range(classes))
    for last in range(classes - 1, 0, -1):
        other = dice.integer(last + 1)
        order[last], order[other] = order[other], order[last]
    return order[place]


def _box(mask: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    return (columns[0] / SIDE, rows[0] / SIDE, (columns[-1] + 1) / SIDE, (rows[-1] + 1) / SIDE)


def _metadata(
    kind: Collection, label: int, size: float, dice: Dice
) -> tuple[float, float, float, float]:
    """Weight tells look-alikes apart, distance goes with size,
    warmth leans with the weight, the hour is noise.
    """
    typical = kind.weights[label] if kind.weights else None
    weight = dice.between(0, 1) if typical is None else dice.hill(typical, 0.32)
    warmth = dice.hill(0.3 + 0.4 * weight, 0.3)
    return weight, dice.hill(0.85 - 0.7 * size, 0.15), warmth, dice.between(0, 1)


def _together(parts: Iterable[tuple[Any, ...]], kind: Collection, n: int) -> Scenes:
    result = Scenes(
        images=np.empty((n, SIDE, SIDE, 3), np.uint8),
        labels=np.empty(n, np.int64),
        boxes=np.empty((n, 4), np.float32),
        masks=np.empty((n, SIDE, SIDE), np.bool_),
        groups=np.empty(n, np.int64),
        metadata=np.empty((n, 4), np.float32),
        class_names=tuple(kind.outlines),
    )
    columns: tuple[NDArray[Any], ...] = (
        result.images,
        result.labels,
        result.boxes,
        result.masks,
        result.groups,
        result.metadata,
    )
    for index, part in enumerate(parts):
        for column, value in zip(columns, part, strict=True):
            column[index] = value
    return result
