"""A model read from a description that nobody vouches for.

Keras writes down beside each call the shapes of the tensors that it takes. They follow from the
inputs' shapes and the layers' settings, so they say nothing new, and who writes a description can
write down others. Here they count for nothing: shapes are worked out by the rules of `shapes`, and
where those don't know or don't agree, by building the model of Keras' own classes, without
arrays. `Architecture.doubts` are the nodes of which neither knows the shape.
"""

from __future__ import annotations

from autograder.architecture.node import Architecture, Config
from autograder.architecture.parse import read_config
from autograder.errors import ArchitectureError


def proven(config: Config) -> Architecture:
    """The graph of what `model.to_json()` holds, its shapes worked out."""
    written = read_config(config)
    if not written.doubts and None not in [node.shape for node in written.nodes]:
        return written  # each shape follows from those before it
    return read_config(config, shapes=_worked_out(config))


def _worked_out(config: Config) -> dict[tuple[str, int], list[tuple[int | None, ...]]]:
    """The shapes that Keras gives; none for a model with parts that can't be rebuilt."""
    from autograder.architecture.rebuild import shapes_of

    try:
        return shapes_of(config)
    except ArchitectureError:
        return {}
