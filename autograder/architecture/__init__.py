"""Read a Keras model's graph without running anything of it, state facts about it,
and match expressions on it.
"""

from autograder.architecture.canonical import canonical
from autograder.architecture.match import Match, Mismatch, expect, match
from autograder.architecture.node import Architecture, Node
from autograder.architecture.same import digest, same
from autograder.architecture.source import read

__all__ = [
    "Architecture",
    "Match",
    "Mismatch",
    "Node",
    "canonical",
    "digest",
    "expect",
    "match",
    "read",
    "same",
]
