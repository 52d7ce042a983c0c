"""The pictures that cells drew, as many and as large as a page has room for.

They are the student's, and so untrusted: a PNG is opened only where it has to be made smaller, its
size is read from its first bytes before that, and nothing but a PNG is.
"""

from __future__ import annotations

import base64
import binascii
import functools
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass

PIXELS = 16_000_000  # of a picture; 64 MB when it is opened
QUALITY = 75
# longest sides in pixels of the student's own pictures and of those of given cells, in the order
# in which they are tried; None leaves a picture as it is
SIDES: tuple[tuple[int | None, int | None], ...] = (
    (None, None),
    (None, 1000),
    (1000, 1000),
    (480, 480),
    (320, 320),
)
_HEAD = struct.Struct(">8s4x4sII")
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Picture:
    """A PNG in base64, as a notebook keeps it, and whether a given cell drew it."""

    png: str
    given: bool


def fitted(pictures: Sequence[Picture], room: int) -> list[str | None]:
    """The addresses of the pictures, smaller where all do not fit into so many characters; None for
    what no longer fits or can't be read. What given cells drew is the first to be made smaller or
    left out, then what comes last.
    """
    if room <= 0:
        return [None] * len(pictures)
    address = functools.cache(_address)
    for own, given in SIDES:
        left, found = room, []
        for one in pictures:
            found.append(address(one.png, given if one.given else own))
            left -= len(found[-1] or "")
            if left < 0:  # the others need not be made as small as that
                break
        else:
            return found
    found = [address(one.png, SIDES[-1][one.given]) for one in pictures]
    for index in sorted(range(len(found)), key=lambda index: pictures[index].given):
        size = len(found[index] or "")
        found[index] = found[index] if size <= room else None
        room = max(0, room - size)
    return found


def _address(png: str, side: int | None) -> str | None:
    """The picture as the address of an image, no side longer than that; None where it can't be
    read.
    """
    if not 0 < _pixels(png) <= PIXELS:
        return None
    if side is None:
        return f"data:image/png;base64,{png}"
    smaller = _smaller(png, side)
    known = f"data:image/png;base64,{png}"
    return smaller if smaller is None or len(smaller) < len(known) else known


def _pixels(png: str) -> int:
    """How many pixels the first bytes of a PNG announce; 0 if it is none."""
    try:
        head = base64.b64decode(png[:32], validate=True)
        signature, kind, width, height = _HEAD.unpack(head)
    except (binascii.Error, ValueError, struct.error):
        return 0
    return int(width) * int(height) if (signature, kind) == (_SIGNATURE, b"IHDR") else 0


def _smaller(png: str, side: int) -> str | None:
    from PIL import Image

    try:
        with Image.open(io.BytesIO(base64.b64decode(png)), formats=["PNG"]) as opened:
            if opened.width * opened.height > PIXELS:  # a second header may say otherwise
                return None
            drawn = opened.convert("RGBA")
            drawn.thumbnail((side, side))
            paper = Image.new("RGB", drawn.size, "white")
            paper.paste(drawn, mask=drawn)
            made = io.BytesIO()
            paper.save(made, "WEBP", quality=QUALITY, method=2)
    except Exception:  # the file is the student's, and Pillow raises whatever its damage leads to
        return None
    return "data:image/webp;base64," + base64.b64encode(made.getvalue()).decode("ascii")
