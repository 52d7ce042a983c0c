"""Read a Keras model's graph without running anything of it, state facts about it, and match expressions on it."""

from autograder.architecture.node import Architecture, Node
from autograder.architecture.parse import read

__all__ = ["Architecture", "Node", "read"]
