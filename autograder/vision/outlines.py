"""Shapes as fields: negative inside, positive outside, in units of the shape's radius.

Only sums, products, roots and comparisons: these give the same bits on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

Field = Any  # a float32 array; numpy's own annotations widen its type at each step
Outline = Callable[[Field, Field], Field]  # (u, v) in the shape's own frame -> field


def _normals(n: int) -> list[tuple[float, float]]:
    """Directions at n equal angles; rounded to 1/4096,
    since sines differ in their last bit from machine to machine.
    """
    turns = (2 * math.pi * i / n for i in range(n))
    return [
        (round(4096 * math.sin(turn)) / 4096, round(4096 * math.cos(turn)) / 4096) for turn in turns
    ]


def polygon(n: int, apothem: float) -> Outline:
    """A regular polygon: inside of all its n half-planes."""
    normals = _normals(n)

    def field(u: Field, v: Field) -> Field:
        return _largest(u, v, normals) - apothem

    return field


def star(n: int, apothem: float) -> Outline:
    """A star {n/2}: at most one of the n half-planes is left."""
    normals = _normals(n)

    def field(u: Field, v: Field) -> Field:
        first = normals[0][0] * u + normals[0][1] * v
        second = first - 9
        for a, b in normals[1:]:
            side = a * u + b * v
            second = np.maximum(second, np.minimum(first, side))
            first = np.maximum(first, side)
        return second - apothem

    return field


def sides(*half_planes: tuple[float, float, float]) -> Outline:
    """A convex shape from its half-planes a·u + b·v <= d."""

    def field(u: Field, v: Field) -> Field:
        inside = half_planes[0][0] * u + half_planes[0][1] * v - half_planes[0][2]
        for a, b, d in half_planes[1:]:
            inside = np.maximum(inside, a * u + b * v - d)
        return inside

    return field


def disc(radius: float, at: tuple[float, float] = (0, 0), squeeze: float = 1) -> Outline:
    """A disc, or an ellipse whose height is `squeeze` times its width."""

    def field(u: Field, v: Field) -> Field:
        x, y = u - at[0], (v - at[1]) / squeeze
        return np.sqrt(x * x + y * y) - radius

    return field


def box(half_width: float, half_height: float, at: tuple[float, float] = (0, 0)) -> Outline:
    """A rectangle."""

    def field(u: Field, v: Field) -> Field:
        return np.maximum(np.abs(u - at[0]) - half_width, np.abs(v - at[1]) - half_height)

    return field


def union(*outlines: Outline) -> Outline:
    """What is inside of any of them."""

    def field(u: Field, v: Field) -> Field:
        inside = outlines[0](u, v)
        for outline in outlines[1:]:
            inside = np.minimum(inside, outline(u, v))
        return inside

    return field


def cut(outline: Outline, *holes: Outline) -> Outline:
    """What is inside of the first and of none of the others."""

    def field(u: Field, v: Field) -> Field:
        inside = outline(u, v)
        for hole in holes:
            inside = np.maximum(inside, -hole(u, v))
        return inside

    return field


def common(*outlines: Outline) -> Outline:
    """What is inside of all of them."""

    def field(u: Field, v: Field) -> Field:
        inside = outlines[0](u, v)
        for outline in outlines[1:]:
            inside = np.maximum(inside, outline(u, v))
        return inside

    return field


def hollow(outline: Outline, thickness: float) -> Outline:
    """Only the rim of an outline."""

    def field(u: Field, v: Field) -> Field:
        return np.abs(outline(u, v) + thickness) - thickness

    return field


def turned(outline: Outline) -> Outline:
    """The same, turned by an eighth of a circle."""
    k = 2896 / 4096

    def field(u: Field, v: Field) -> Field:
        return outline(k * (u - v), k * (u + v))

    return field


def _largest(u: Field, v: Field, normals: list[tuple[float, float]]) -> Field:
    inside = normals[0][0] * u + normals[0][1] * v
    for a, b in normals[1:]:
        inside = np.maximum(inside, a * u + b * v)
    return inside


_CROSS = union(box(0.95, 0.3), box(0.3, 0.95))
_WEDGE = sides((-0.6, 0.8, 0), (-0.6, -0.8, 0))

SHAPES: dict[str, Outline] = {
    "triangle": polygon(3, 0.5),
    "star": star(5, 0.38),
    "ring": hollow(disc(0.95), 0.2),
    "cross": _CROSS,
    "pentagon": polygon(5, 0.78),
    "disc": disc(0.92),
}
FEWSHOT: dict[str, Outline] = {
    "arrow": union(
        box(0.22, 0.5, (0, 0.45)), sides((0.8, -0.6, 0.6), (-0.8, -0.6, 0.6), (0, 1, 0.05))
    ),
    "heart": union(
        disc(0.52, (-0.42, -0.3)),
        disc(0.52, (0.42, -0.3)),
        sides((0.72, 0.69, 0.6), (-0.72, 0.69, 0.6), (0, -1, 0.2)),
    ),
    "crescent": cut(disc(0.95), disc(0.8, (0.45, 0))),
    "gear": cut(union(disc(0.7), _CROSS, turned(_CROSS)), disc(0.3)),
    "house": union(
        box(0.6, 0.45, (0, 0.4)), sides((0.7, -0.71, 0.6), (-0.7, -0.71, 0.6), (0, 1, 0))
    ),
    "mushroom": union(common(disc(0.9), sides((0, 1, 0.05))), box(0.25, 0.45, (0, 0.4))),
}
PRETRAIN: dict[str, Outline] = {
    "square": box(0.72, 0.72),
    "hexagon": polygon(6, 0.8),
    "ellipse": disc(0.95, squeeze=0.55),
    "bar": box(0.95, 0.25),
    "half_disc": common(disc(0.95, (0, 0.4)), sides((0, 1, 0.4))),
    "wedge": cut(disc(0.9), _WEDGE),
    "kite": sides((0.85, 0.53, 0.55), (-0.85, 0.53, 0.55), (0.6, -0.8, 0.5), (-0.6, -0.8, 0.5)),
    "trapezoid": sides((0, 1, 0.55), (0, -1, 0.55), (0.9, -0.44, 0.5), (-0.9, -0.44, 0.5)),
    "parallelogram": sides((0, 1, 0.5), (0, -1, 0.5), (0.9, 0.44, 0.6), (-0.9, -0.44, 0.6)),
    "lens": common(disc(0.95, (-0.5, 0)), disc(0.95, (0.5, 0))),
    "frame": hollow(box(0.78, 0.78), 0.17),
    "letter_l": union(box(0.22, 0.8, (-0.4, 0)), box(0.6, 0.22, (0, 0.58))),
    "letter_t": union(box(0.75, 0.22, (0, -0.58)), box(0.22, 0.8)),
    "letter_h": union(box(0.2, 0.8, (-0.55, 0)), box(0.2, 0.8, (0.55, 0)), box(0.5, 0.2)),
    "letter_u": cut(box(0.75, 0.75), box(0.35, 0.75, (0, -0.4))),
    "zigzag": union(box(0.45, 0.25, (-0.4, -0.5)), box(0.45, 0.25, (0.4, 0.5)), box(0.25, 0.75)),
    "hourglass": union(
        sides((0.85, 0.53, 0), (-0.85, 0.53, 0), (0, -1, 0.8)),
        sides((0.85, -0.53, 0), (-0.85, -0.53, 0), (0, 1, 0.8)),
    ),
    "dumbbell": union(disc(0.4, (-0.55, 0)), disc(0.4, (0.55, 0)), box(0.5, 0.15)),
    "trefoil": union(disc(0.45, (0, -0.48)), disc(0.45, (-0.42, 0.28)), disc(0.45, (0.42, 0.28))),
    "hexagram": star(6, 0.5),
    "chevron": cut(
        sides((0.8, -0.6, 0.6), (-0.8, -0.6, 0.6), (0, 1, 0.8)),
        sides((0.8, -0.6, 0.02), (-0.8, -0.6, 0.02)),
    ),
    "arch": cut(union(disc(0.7), box(0.7, 0.4, (0, 0.4))), disc(0.35), box(0.35, 0.5, (0, 0.5))),
    "quarter": common(disc(1.3, (-0.6, 0.6)), sides((-1, 0, 0.6), (0, 1, 0.6))),
}
