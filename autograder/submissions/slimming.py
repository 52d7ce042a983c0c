"""Notebooks too large to be read whole, without what makes them large: outputs, attachments and the
state of widgets, which grading has no use for.

The bytes are gone through once, a block at a time; what is dropped never lies in memory. NumPy
counts its brackets: they may be all that there is, a thousand million of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

# a key that is dropped, up to its value; a text that ends so has a backslash before the first quote
_DROPPED, _BLANKS = rb"(?:outputs|attachments|widgets)", rb"[ \t\r\n]{0,1000}"
_KEY = re.compile(rb'"(?<!\\")%b"%b:%b[\[{]' % (_DROPPED, _BLANKS, _BLANKS))
_BEGUN = re.compile(rb'"(?:[a-z]{0,11}|%b"%b(?::%b)?)\Z' % (_DROPPED, _BLANKS, _BLANKS))
_MOST_DROPPED = 10_000  # values, of a notebook of which 2,000 cells are read
_WINDOW = 1 << 8  # bytes of what is dropped that are looked at first
_DEEPER = np.zeros(256, np.int8)  # by byte: brackets that it opens
_DEEPER[[*b"[{"]], _DEEPER[[*b"]}"]] = 1, -1


def slim(stream: BinaryIO, most: int, block: int = 1 << 20) -> bytes:
    """The JSON text in the stream, each dropped value an empty list in its place, line numbers as
    they were; a byte more than `most` where more is left.

    What is not JSON comes out as something that is none either.
    """
    kept = bytearray()
    for part in _kept(stream, block):
        kept += part
        if len(kept) > most:
            return bytes(kept[: most + 1])
    return bytes(kept)


def _kept(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """What is not dropped, piece by piece."""
    rest, dropped, within = b"", 0, _Dropped(0)
    while block := stream.read(size):
        data, at = rest + block, 0
        while at < len(data):
            if within.depth:
                end = within.end(data, at)
                yield b"\n" * data.count(b"\n", at, end)
                at = end
                if within.depth:
                    break
            key = _KEY.search(data, at) if dropped < _MOST_DROPPED else None
            if key is None:
                break
            dropped += 1
            yield data[at : key.end() - 1] + b"[]"
            at, within = key.end(), _Dropped(1)
        end = at if within.depth else _unfinished(data, at)
        yield data[at:end]
        rest = data[end:]
    yield b"" if within.depth else rest


def _unfinished(data: bytes, at: int) -> int:
    """Where a key begins of which more may follow, or none, with the byte before it."""
    begun = _BEGUN.search(data, at)
    return max(at, (begun.start() if begun else len(data)) - 1)


class _Dropped:
    """A value that is dropped, as far as it has been looked at."""

    def __init__(self, depth: int) -> None:
        self.depth = depth  # of brackets; 0: it is over
        self.in_text = 0

    def end(self, data: bytes, at: int) -> int:
        """Where it ends, or else up to where it was looked at: before half an escaped sign."""
        size = _WINDOW
        while at < len(data) and self.depth:
            window = data[at : at + size]
            if not (whole := _whole(window)):
                break
            at += self._look(window[:whole])
            size *= 2
        return at

    def _look(self, window: bytes) -> int:
        """How many of these bytes belong to it."""
        plain = window.replace(b"\\\\", b"..").replace(b'\\"', b"..")
        signs = np.frombuffer(plain, np.uint8)
        texts = np.cumsum(signs == ord('"')) + self.in_text
        depths = self.depth + np.cumsum(np.where(texts % 2, 0, _DEEPER[signs]))
        over = np.flatnonzero(depths == 0)[:1]
        last = int(over[0]) if over.size else len(window) - 1
        self.depth, self.in_text = int(depths[last]), int(texts[last]) % 2
        return last + 1


def _whole(window: bytes) -> int:
    """How many of the bytes end with a whole sign, not with the half of an escaped one."""
    return len(window) - (len(window) - len(window.rstrip(b"\\"))) % 2
