"""Pixels: background, clutter, the main object, light and noise,
from the rolls of one scene's dice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .collection import Collection, Style
from .dice import Dice, words
from .outlines import Field, Outline, box, disc, polygon

SIDE = 64
_AXIS = np.arange(SIDE, dtype=np.float32) + np.float32(0.5)
_CLUTTER = (disc(0.8), box(0.7, 0.7), polygon(3, 0.5), box(1, 0.25), box(0.95, 0.12))
Colour = tuple[float, float, float]


def paint(
    kind: Collection, label: int, group: int, dice: Dice, noise_key: int
) -> tuple[NDArray[np.uint8], NDArray[np.bool_], float]:
    """One scene: the image, where its main object is,
    and how large that is (0 to 1 over the style's range).
    """
    style = kind.style
    grey = dice.between(60, 195)
    base = _colour(dice, grey)
    image = _background(base, style, dice)
    for _ in range(dice.integer(style.clutter + 1)):
        _clutter(image, grey, dice)
    mask, size = _main_object(image, list(kind.outlines.values())[label], grey, style, dice)
    noise = style.noise
    # taken at night: what an object looks like is all there, at a tenth of the brightness
    if group == 1:
        light = dice.between(0.06, 0.14)
        image *= light
        noise *= 1.3 * light
    return _finish(image, noise, noise_key), mask, size


def _colour(dice: Dice, grey: float) -> Colour:
    red, green, blue = (dice.between(-40, 40) for _ in range(3))
    tilt = (red + green + blue) / 3  # the colour's brightness stays `grey`
    return grey + red - tilt, grey + green - tilt, grey + blue - tilt


def _background(base: Colour, style: Style, dice: Dice) -> Field:
    """Smooth noise or stripes over a colour, with light that falls off to one side."""
    strength = style.ground * dice.between(0.4, 1)
    if dice.chance(0.65):
        texture = _smooth_noise(dice)
    else:
        (c, s), period = dice.direction(), dice.between(5, 14)
        texture = _wave(np.add.outer(_AXIS * (s / period), _AXIS * (c / period)))
    (c, s), slope = dice.direction(), dice.between(0, 0.6)
    texture = (
        texture * strength
        + np.add.outer(_AXIS * (s * slope), _AXIS * (c * slope))
        - 32 * slope * (c + s)
    )
    image = np.empty((SIDE, SIDE, 3), np.float32)
    image[...] = base
    image += texture[:, :, None]
    return image


def _smooth_noise(dice: Dice) -> Field:
    """Bilinear between random values on a coarse grid; in [-1, 1]."""
    cells = (4, 6, 8)[dice.integer(3)]
    seed = dice.integer(2**31)
    grid = (
        (words(seed, (cells + 1) ** 2) >> np.uint64(40)).astype(np.float32) * np.float32(2.0**-23)
        - 1
    ).reshape(cells + 1, cells + 1)
    place = _AXIS * (cells / SIDE)
    low = place.astype(np.int64)
    part = place - low.astype(np.float32)
    rows = grid[low] * (1 - part)[:, None] + grid[low + 1] * part[:, None]
    return rows[:, low] * (1 - part) + rows[:, low + 1] * part


def _wave(phase: Field) -> Field:
    """A triangle wave in [-1, 1] with period 1."""
    return np.abs((phase - np.floor(phase)) * 4 - 2) - 1


def _clutter(image: Field, grey: float, dice: Dice) -> None:
    """Something small, paler than a main object may be."""
    radius = dice.between(2.5, 7)
    at = dice.between(0, SIDE), dice.between(0, SIDE)
    shade = grey + dice.between(-55, 55)
    outline = _CLUTTER[dice.integer(len(_CLUTTER))]
    window, u, v = _frame(at, radius, dice.direction(), 1.0)
    if u.size:
        _blend(image[window], _coverage(outline(u, v), radius), _colour(dice, shade))


def _main_object(
    image: Field, outline: Outline, grey: float, style: Style, dice: Dice
) -> tuple[NDArray[np.bool_], float]:
    size = dice.between(0, 1)
    radius = style.radius[0] + (style.radius[1] - style.radius[0]) * size
    stretch = 1 + dice.between(-style.stretch, style.stretch)
    reach = radius + 1
    at = dice.between(reach, SIDE - reach), dice.between(reach, SIDE - reach)
    contrast = dice.between(*style.contrast)
    brighter = dice.chance(min(1.0, max(0.0, (215 - grey) / 175)))
    shade = grey + contrast if brighter else grey - contrast
    window, u, v = _frame(at, radius, dice.direction(), stretch)
    field = outline(u, v)
    cover = _coverage(field, radius)
    ink = np.empty((*field.shape, 3), np.float32)
    ink[...] = _colour(dice, shade)
    if dice.chance(style.patterned):
        second = _colour(
            dice, shade + (contrast if brighter else -contrast) * dice.between(-0.45, 0.3)
        )
        _blend(ink, _pattern(u, v, dice), second)
    if style.rim:
        _blend(
            ink,
            _coverage(np.abs(field + style.rim) - style.rim, radius),
            _colour(dice, 2 * grey - shade),
        )
    _blend(image[window], cover, ink)
    mask = np.zeros((SIDE, SIDE), np.bool_)
    mask[window] = cover > 0.5
    return mask, size


def _frame(
    at: tuple[float, float], radius: float, direction: tuple[float, float], stretch: float
) -> tuple[tuple[slice, slice], Field, Field]:
    """The pixels around a shape, and their coordinates in its own frame:
    centred, turned, radius 1.
    """
    window = tuple(
        slice(max(0, int(c - radius) - 2), max(0, min(SIDE, int(c + radius) + 3)))
        for c in (at[1], at[0])
    )
    y, x = _AXIS[window[0]] - at[1], _AXIS[window[1]] - at[0]
    c, s = direction
    # only shrinks, so the shape stays in the picture
    longer, shorter = max(1.0, stretch), min(1.0, stretch)
    along, across = (
        (1 / radius, longer / radius) if stretch > 1 else (1 / (shorter * radius), 1 / radius)
    )
    u = np.add.outer(y * (s * along), x * (c * along))
    v = np.add.outer(y * (c * across), x * (-s * across))
    return (window[0], window[1]), u, v


def _coverage(field: Field, radius: float) -> Field:
    """How much of each pixel is inside: a soft edge one pixel wide."""
    return np.minimum(np.maximum(0.5 - field * radius, 0), 1)


def _pattern(u: Field, v: Field, dice: Dice) -> Field:
    """Stripes, checks or dots, in the shape's own frame; 0 to 1."""
    kind, rate = dice.integer(3), dice.between(1.2, 3)
    if kind == 0:
        wave = _wave(u * rate)
    elif kind == 1:
        wave = _wave(u * rate) * _wave(v * rate) * 3
    else:
        wave = _wave(u * rate) + _wave(v * rate) - 0.6
    return np.minimum(np.maximum(wave * 3 + 0.5, 0), 1)


def _blend(under: Field, cover: Field, ink: Field | Colour) -> None:
    """Lay `ink` over `under` where `cover` says so."""
    under += cover[:, :, None] * (np.asarray(ink, np.float32) - under)


def _finish(image: Field, noise: float, key: int) -> NDArray[np.uint8]:
    """Add noise (the mean of two bytes, so the middle is likelier) and round to bytes."""
    raw = words(key, SIDE * SIDE * 3 // 4).astype("<u8").view(np.uint8).reshape(2, SIDE, SIDE, 3)
    grain = raw[0].astype(np.float32) + raw[1].astype(np.float32) - 255
    image = image + grain * (noise / 255)
    pixels: NDArray[np.uint8] = np.floor(np.minimum(np.maximum(image, 0), 255) + 0.5).astype(
        np.uint8
    )
    return pixels
