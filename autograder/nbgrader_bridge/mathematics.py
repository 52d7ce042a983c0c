"""Formulas as pictures: a page without scripts has no MathJax,
so matplotlib typesets what the course wrote.
"""

from __future__ import annotations

import base64
import functools
import io
import re
import warnings
from html import escape
from typing import Any

SIZE = 13  # points
_UNKNOWN = {
    r"\dfrac": r"\frac",
    r"\tfrac": r"\frac",
    r"\text": r"\mathrm",
    r"\lVert": r"\|",
    r"\rVert": r"\|",
}


@functools.cache
def formula(tex: str) -> str:
    """An <img> of the formula, or its source where matplotlib can't typeset it."""
    from matplotlib import rc_context
    from matplotlib.mathtext import math_to_image

    plain = " ".join(tex.split())
    for name, known in _UNKNOWN.items():
        plain = re.sub(re.escape(name) + r"(?![a-zA-Z])", known.replace("\\", r"\\"), plain)
    svg = io.BytesIO()
    try:
        with (
            rc_context({"savefig.transparent": True, "svg.hashsalt": "formula"}),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("error", RuntimeWarning)  # of a picture without a height
            depth = math_to_image(f"${plain}$", svg, format="svg", prop=_font(), dpi=72)
    except (ValueError, RecursionError, RuntimeWarning):
        return f"<code>{escape(tex.strip())}</code>"
    address = "data:image/svg+xml;base64," + base64.b64encode(svg.getvalue()).decode("ascii")
    shift = f"vertical-align: {-depth * 96 / 72:.1f}px" if depth else ""
    return f'<img class="formula" alt="{escape(tex.strip())}" src="{address}" style="{shift}">'


@functools.cache
def _font() -> Any:
    from matplotlib.font_manager import FontProperties

    return FontProperties(size=SIZE, math_fontfamily="cm")
