"""The collections: which shapes, and in which style they are drawn."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field

from .outlines import FEWSHOT, PRETRAIN, SHAPES, Outline


@dataclass(frozen=True)
class Style:
    """How scenes of a collection look."""

    radius: tuple[float, float] = (14, 24)  # of the main object, in pixels
    contrast: tuple[float, float] = (45, 110)  # between object and background, in grey levels
    stretch: float = 0.06  # by how much a shape is stretched along one of its axes
    patterned: float = 0.5  # share of objects with stripes, checks or dots
    rim: float = 0.0  # width of a drawn outline in units of the radius; 0 = none
    ground: float = 22  # strength of the background's texture, in grey levels
    clutter: int = 4  # at most so many small things in the background
    noise: float = 18  # largest deviation by noise, in grey levels


@dataclass(frozen=True)
class Collection:
    """Classes, style, how many scenes each split has, and what makes it special."""

    outlines: dict[str, Outline]
    style: Style
    sizes: dict[str, int]
    rare: float = 0.0  # share of group 1: taken at night, very dark and a little noisier
    # typical weight in the metadata; None: any weight
    weights: tuple[float | None, ...] = field(default=())
    drawn_only: str = ""  # why real images can't take their place
    any_classes: bool = False  # or real images with any number of classes can

    @property
    def classes(self) -> int | None:
        """How many classes real images in its place must have."""
        return None if self.any_classes else len(self.outlines)


# pentagons are light, discs heavy, anything else may be either
_WEIGHTS = (None, None, None, None, 0.32, 0.68)

COLLECTIONS: dict[str, Collection] = {
    "shapes": Collection(
        SHAPES, Style(), {"train": 4000, "validation": 1000, "test": 1000}, weights=_WEIGHTS
    ),
    "pretrain": Collection(
        PRETRAIN, Style(), {"train": 12000, "validation": 1200, "test": 1200}, any_classes=True
    ),
    "fewshot": Collection(
        FEWSHOT,
        Style(patterned=0.8, rim=0.12, contrast=(25, 80), ground=34),
        {"train": 240, "validation": 600, "test": 600},
    ),
    "biased": Collection(
        SHAPES,
        Style(),
        {"train": 4000, "validation": 1200, "test": 1200},
        rare=0.05,
        weights=_WEIGHTS,
        drawn_only="its audit needs two groups, which real images do not tell",
    ),
}
JUDGED: dict[str, Collection] = {
    "biased_rare": dataclasses.replace(COLLECTIONS["biased"], rare=1.0)
}
"""Drawn for hidden sets alone: so many scenes of the rare group that its accuracy is known to two
points.
"""
