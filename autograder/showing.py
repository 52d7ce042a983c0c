"""Foreign text in our messages: on one line, and harmless to a terminal and to a CI machine."""

from __future__ import annotations

import re

UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


# `##[error]`, `##vso[…]`: orders to the machine that runs a CI job, wherever they stand in a line
_ORDER = re.compile(r"##(?=[\w.]{0,40}\[)")


def shown(text: object, width: int = 120) -> str:
    """Foreign text made safe to show: nothing that steers a terminal, orders a CI machine or turns
    the reading order, cut to `width`.
    """
    clean = _ORDER.sub("# #", UNSEEN.sub("\N{REPLACEMENT CHARACTER}", str(text)))
    return clean if len(clean) <= width else clean[: width - 1] + "…"


def quoted(value: object, width: int = 80) -> str:
    """A foreign value as Python writes it, cut to `width`."""
    try:
        return shown(repr(value), width)
    except (ValueError, RecursionError):  # of a number with thousands of digits
        return f"a value of type {type(value).__name__} that is too large to show"
