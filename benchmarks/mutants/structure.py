"""What a structure of the course is: how it is built, what is claimed of it,
and how it can be got wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograder.architecture import Architecture
from mutants.writer import Writer

Claim = str | Callable[[Architecture], str]
"""A branch expression, or a function that gives what is wrong in words, nothing where all is right.
"""


@dataclass(frozen=True)
class Structure:
    """One structure; `build(writer, change)` makes the reference
    where the change is "", else a mutant of it.
    """

    name: str
    build: Callable[[Writer, str], Any]
    claims: tuple[Claim, ...]
    # what is changed, and the layer nearest to that; several with "|" where equally near
    changes: Mapping[str, str]
