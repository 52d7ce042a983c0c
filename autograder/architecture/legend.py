"""What the words mean in which feedback writes layers, for whoever reads «sepconv3x3:32 bn»."""

from __future__ import annotations

import re

MEANINGS = {
    "conv": "convolution",
    "sepconv": "separable convolution",
    "dwconv": "depthwise convolution",
    "upconv": "transposed convolution",
    "bn": "batch normalization",
    "ln": "layer normalization",
    "gn": "group normalization",
    "maxpool": "max pooling",
    "avgpool": "average pooling",
    "pool": "max or average pooling",
    "gap": "global average pooling",
    "gmp": "global max pooling",
    "down": "whatever halves height and width",
    "up": "whatever doubles height and width",
    "act": "an activation",
    "norm": "a normalization",
}
_NAMES = "|".join(MEANINGS)
_SETTINGS = r"(?P<kernel>\d+x\d+)?(?P<stride>/\d+)?(?P<width>:\d+)?"
_WORD = re.compile(rf"(?<![\w.'`])(?P<name>{_NAMES}){_SETTINGS}(?![\w:])")
_PATTERN = re.compile(r"«([^«»]* [^«»]*)»")  # several words: a single one is a layer's name
_BRACKETS = re.compile(r" \[([^\[\]]*)\]")
_APART = re.compile(r"[,;«»→\[\]\n]")
_SET = {  # as written, and what it means
    "kernel": ("3x3", "a kernel of 3×3"),
    "stride": ("/2", "a stride of 2"),
    "width": (":64", "64 filters or units"),
}
_SIGNS = {
    r"(?<=[\w)])\*": ("*", "any number of it, or none"),
    r"(?<=[\w)])\?": ("?", "it may be left out"),
    r"(?<![\w.])\.(?=[*+? ]|$)": (".", "any layer"),
}


def legend(text: str) -> dict[str, str]:
    """For each word and sign in which layers are written in a text, what it means; empty where none
    is: `gap` in a sentence is a word of its own.
    """
    patterns = [part for part in _PATTERN.findall(text) if _WORD.search(part)]
    parts = [*patterns, *_BRACKETS.findall(text)]
    parts += [part for part in _APART.split(text) if any(map(_is_set, _WORD.finditer(part)))]
    words = [hit for part in parts for hit in _WORD.finditer(part)]
    found = {hit["name"]: MEANINGS[hit["name"]] for hit in words}
    found |= dict(shown for setting, shown in _SET.items() if any(hit[setting] for hit in words))
    signs = (shown for sign, shown in _SIGNS.items() if any(re.search(sign, p) for p in patterns))
    return found | dict(signs)


def _is_set(hit: re.Match[str]) -> bool:
    """Whether a word stands with settings, as no word of a sentence does."""
    return any(map(hit.group, _SET))
