"""Read a Keras model's graph without running anything of it, state facts about it,
and match expressions on it.

    source, parse, archive      from a model, its configuration or a file to an Architecture, a
                                frozen record of a graph (node)
    canonical                   one form for all spellings of it
    parameters, reach           facts about layers, and about what leads where
    merges, blocks, facts       facts about structure
    expression, match           what is claimed in one line, and what became of it; explain says
                                what differs, in the student's names
    draw, text, inspect         a picture, lines for a terminal, a command
    rebuild, witnesses          the model built anew, and what it does

A fact is a function of an architecture, worked out once for each and kept with it. It can't be
asked of the wrong one: facts about structure go to the canonical form themselves, parameters are
counted of the layers as read, and both may be given either. Only `reach` speaks of the very graph
that it is given, and of that one's nodes.
"""

from autograder.architecture.canonical import canonical
from autograder.architecture.match import Match, Mismatch, expect, match
from autograder.architecture.node import Architecture, Node
from autograder.architecture.source import read

__all__ = [
    "Architecture",
    "Match",
    "Mismatch",
    "Node",
    "canonical",
    "expect",
    "match",
    "read",
]
