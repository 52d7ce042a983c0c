"""What people, programs and attackers make of a whole thing: hypothesis strategies that begin with
a valid text, JSON value or zip and damage it.
"""

from __future__ import annotations

import copy
import json
import struct
from collections.abc import Iterator
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

# what is odd in a text: to a parser, a terminal, a page, a regular expression
ODD = [
    "", "\0", "\n", "\r", "\x1b[31m", "\x1b]0;x\x07", "\x0c", "\u2028", "\u202e", "\ufeff",
    "\ud800", "\udfff", "\U0001f600", "e\u0301", "<script>alert(1)</script>", "<img src=x onerror=1>",
    '"><b>', "]]>", "{{ 7 }}", "{% raw %}", "$(id)", "`id`", "%s%n", "../../../etc/passwd", "\\", "'",
    '"', "a\nb", "١", "9" * 400, "(" * 1_000, "[" * 5_000, "-" * 500, "a" * 3_000, " " * 2_000,
    "\n" * 3_000, "\t", "javascript:alert(1)", "$x$", "\\frac{", "[x](data:text/html,<b>)",
]  # fmt: skip
# what stands where something else is expected
OTHERS: list[Any] = [
    None, True, False, 0, 1, -1, 4, 1 << 40, 10**400, 1e308, float("nan"), float("inf"), -0.0, "",
    "x", "name", [], {}, [[]], [None], ["x", 0, 0], {"": None}, {"class_name": "x", "config": {}},
    {"error": None}, {"value": []},
]  # fmt: skip


def examples(share: float) -> settings:
    """So many of the profile's examples, for what is slower, or quicker, than others."""
    return settings(max_examples=max(3, int(settings().max_examples * share)))


def texts() -> st.SearchStrategy[str]:
    """Texts of odd pieces and of any characters, lone surrogates too."""
    piece = st.sampled_from(ODD) | st.text(st.characters(codec=None), max_size=12)
    return st.lists(piece, max_size=5).map("".join)


def values() -> st.SearchStrategy[Any]:
    """Any JSON value."""
    plain = st.sampled_from(OTHERS) | st.integers() | st.floats() | texts()
    return st.recursive(
        plain,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts(), inner, max_size=4),
        max_leaves=12,
    )


@st.composite
def mangled(draw: st.DrawFn, whole: Any, most: int = 3) -> Any:
    """The JSON value with some of its parts replaced, deleted, doubled, wrapped or swapped."""
    found = {"": copy.deepcopy(whole)}
    for _ in range(draw(st.integers(1, most))):
        places = list(_places(found))
        inside, key = places[draw(st.integers(0, len(places) - 1))]
        _change(draw, found, inside, key)
    return found.get("")


def _change(draw: st.DrawFn, found: dict[str, Any], inside: Any, key: Any) -> None:
    how = draw(st.sampled_from(["other", "other", "delete", "twice", "deep", "swap", "text"]))
    if how == "delete" and inside is not found:
        del inside[key]
    elif how == "twice" and isinstance(inside, list):
        inside += [copy.deepcopy(inside[key])] * draw(st.sampled_from([1, 30]))
    elif how == "deep":
        for _ in range(draw(st.sampled_from([1, 3, 60]))):
            inside[key] = [inside[key]]
    elif how == "swap":
        places = list(_places(found))
        other, name = places[draw(st.integers(0, len(places) - 1))]
        inside[key] = copy.deepcopy(other[name])
    elif how == "text":
        inside[key] = draw(texts())
    else:
        inside[key] = copy.deepcopy(draw(values()))  # what is sampled is the same each time


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value: the list or object, and the index or key."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def written(value: Any) -> bytes:
    """As JSON; what UTF-8 can't say stands there as it is escaped."""
    return json.dumps(value).encode()


@st.composite
def damaged(draw: st.DrawFn, whole: bytes) -> bytes:
    """The bytes cut off, or with some of them changed, deleted, doubled, or others in between."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        to = min(len(data), at + draw(st.sampled_from([1, 2, 8, 100])))
        how = draw(st.sampled_from(["flip", "flip", "number", "cut", "delete", "twice", "insert"]))
        if how == "flip":
            data[at:to] = draw(st.binary(min_size=to - at, max_size=to - at))
        elif how == "number":
            sizes = st.sampled_from([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x10000, 0x100])
            data[at : at + 4] = struct.pack(draw(st.sampled_from("<>")) + "I", draw(sizes))
        elif how == "cut":
            del data[at:]
        elif how == "delete":
            del data[at:to]
        elif how == "twice":
            data[at:at] = data[at:to]
        else:
            data[at:at] = draw(st.binary(max_size=20) | st.sampled_from([b"\0", b"[" * 3_000]))
    return bytes(data)
