"""Notebooks too large to be read whole, without what makes them large: outputs, attachments and the
state of widgets, which grading has no use for.

The bytes are gone through once, a block at a time; what is dropped never lies in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

DROPPED = (b'"outputs"', b'"attachments"', b'"widgets"')
_SHORT = 64
_STRUCTURE = re.compile(rb'["{}\[\]:,]')
_IN_TEXT = re.compile(rb'["\\]')


def slim(stream: BinaryIO, most: int, block: int = 1 << 20) -> bytes:
    """The JSON text in the stream, each dropped value an empty list in its place, line numbers as
    they were; a byte more than `most` where more is left.

    What is not JSON comes out as something that is none either.
    """
    kept = bytearray()
    for part in _kept(_pieces(stream, block)):
        kept += part
        if len(kept) > most:
            return bytes(kept[: most + 1])
    return bytes(kept)


def _kept(pieces: Iterator[tuple[bytes, bool]]) -> Iterator[bytes]:
    """What is not dropped, piece by piece."""
    key = b""  # the text that ended last, if it was short, as long as only a colon followed
    awaited = False  # the value of a key that is dropped comes next
    depth = 0  # of brackets within what is dropped; 0: nothing is
    for piece, is_text in pieces:
        if depth:
            depth += 0 if is_text else (piece in b"{[") - (piece in b"}]")
            yield b"\n" * (0 if is_text else piece.count(b"\n"))
            continue
        if awaited and piece in (b"[", b"{"):
            depth, awaited = 1, False
            yield b"[]"
            continue
        if is_text:
            key, awaited = piece, False
        elif piece == b":":
            awaited, key = key in DROPPED, b""
        elif piece.strip():
            key, awaited = b"", False
        yield piece


def _pieces(stream: BinaryIO, size: int) -> Iterator[tuple[bytes, bool]]:
    """Texts, with their quotes, and what stands between them; brackets, colons and commas by
    themselves. A text comes whole, or if it is long in several pieces.
    """
    rest, inside, skip = b"", False, 0
    while block := stream.read(size):
        data, begin, at, goes_on = rest + block, 0, skip, inside
        rest, skip = b"", 0
        while found := (_IN_TEXT if inside else _STRUCTURE).search(data, at):
            here, at = found.span()
            mark = data[here:at]
            if mark == b"\\":
                at += 1  # whatever is escaped, perhaps in the next block
            elif inside:
                yield data[begin:at], True
                begin, inside, goes_on = at, False, False
            else:
                if begin < here:
                    yield data[begin:here], False
                begin, inside = here, mark == b'"'
                if not inside:
                    yield mark, False
                    begin = at
        if inside and not goes_on and len(data) - begin < _SHORT:
            rest, inside = data[begin:], False  # read again with the next block
        elif begin < len(data):
            yield data[begin:], inside
            skip = max(0, at - len(data))
    if rest:
        yield rest, True
