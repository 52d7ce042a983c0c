"""Random numbers that are the same on every machine:
SplitMix64, a counter turned into 64 well mixed bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

_STEP = 0x9E3779B97F4A7C15
_WORD = 2**64
_DRAWS = 192  # more than any scene rolls


def key_of(*parts: object) -> int:
    """A 64-bit key from any words and numbers; different parts, different key."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def words(key: int, n: int) -> NDArray[np.uint64]:
    """The first `n` 64-bit words of the stream `key` (Steele, Lea & Flood 2014)."""
    z = np.arange(1, n + 1, dtype=np.uint64) * np.uint64(_STEP) + np.uint64(key % _WORD)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


class Dice:
    """The rolls that make one scene, in order."""

    def __init__(self, key: int) -> None:
        self._rolls: Iterator[float] = iter(
            ((words(key, _DRAWS) >> np.uint64(11)) * 2.0**-53).tolist()
        )

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`, all equally likely."""
        return low + (high - low) * next(self._rolls)

    def integer(self, n: int) -> int:
        """One of 0 … n-1."""
        return int(n * next(self._rolls))

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return next(self._rolls) < probability

    def hill(self, centre: float, width: float) -> float:
        """A number near `centre`, at most `width` away: the mean of three rolls,
        so that the middle is likelier.
        """
        return (
            centre + width * (self.between(-1, 1) + self.between(-1, 1) + self.between(-1, 1)) / 3
        )

    def direction(self) -> tuple[float, float]:
        """A unit vector, from a rational parametrisation of the circle:
        sines differ in their last bit by machine.
        """
        t = self.between(-0.41421356, 0.41421356)
        c, s = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
        return ((c, s), (-s, c), (-c, -s), (s, -c))[self.integer(4)]
