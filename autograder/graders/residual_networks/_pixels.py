"""What a network does to raw pixels before its first layer with weights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograder.architecture import Node
from autograder.architecture.facts import preparations
from autograder.judge import Case, expect
from autograder.judge.structure import at, lacking_at_first, names

from ._mistakes import rescaling_mistake

FAINTEST = 1e-4  # of factors: what is left of 255 is 0.03


def expect_rescaling(case: Case) -> None:
    """Fail unless pixels are rescaled before the first convolution, to a smaller range."""
    every = [p for p in preparations(case.architecture) if p.node.kind == "rescale"]
    scaling = [p.node for p in every if p.before_convolutions]
    late = [p.node for p in every if not p.before_convolutions]
    wanted = "a rescaling before the first convolution"
    found = f"{names(late)} after it" if late else "none that changes anything"
    missing = lacking_at_first("rescaling", case.architecture)
    known = rescaling_mistake(case)
    expect(bool(scaling), wanted, found, known, place=at(late), missing=missing)
    wanted, factor = "pixels of 0 to 255 in a range of about one", stretch(case, scaling)
    found, place = f"pixels multiplied by {factor:g}", at(scaling)
    expect(not factor >= 1, wanted, found, mistake="rescaling_enlarges", place=place)
    expect(not factor < FAINTEST, wanted, found, mistake="rescaling_too_much", place=place)


def stretch(case: Case, scaling: Iterable[Node]) -> float:
    """By how much nodes of the form multiply the distance of two pixels;
    nan where it is not written down.
    """
    return float(np.prod([_factor(case.architecture.node(number)) for number in at(scaling)]))


def _factor(node: Node) -> float:
    if node.cls == "Rescaling":
        return _magnitude(node.config.get("scale"))
    if node.cls == "Normalization":
        return float(_magnitude(node.config.get("variance")) ** -0.5)
    factor = _magnitude(node.constants[0]) if node.constants else np.nan
    return {"Multiply": factor, "TrueDivide": 1 / factor, "Divide": 1 / factor}.get(node.cls, 1.0)


def _magnitude(constant: Any) -> float:
    """The largest number of a constant, a list or a serialised array;
    nan for anything else.
    """
    if isinstance(constant, dict):
        constant = (constant.get("config") or {}).get("value")
    try:
        return float(np.abs(np.asarray(constant, dtype="float64")).max())
    except (TypeError, ValueError):
        return np.nan
