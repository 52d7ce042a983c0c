"""What is recorded of a model beside its configuration, as far as the two agree: the weights that
train, the arrays.

Both records come from where the model was made. A fact that follows from the configuration is
taken from there, and a record that says otherwise is for a person to look at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.architecture.node import Architecture, Node, once
from autograder.architecture.parameters import count_parameters, layer_parameters
from autograder.architecture.reach import needed_for
from autograder.errors import ArchitectureError


def trained(arch: Architecture) -> tuple[Node, ...]:
    """The layers of which something trains, each once, by the flags in the configuration; those
    whose parameters are not known are left out.

    Raises:
        ArchitectureError: the record of the weights that train says otherwise, as it does where
            single variables were frozen.
    """
    return tuple(node for node in _learning(arch) if node.trainable)


def held_still(arch: Architecture) -> tuple[Node, ...]:
    """The layers of which something could train, and nothing does; the rest is as for `trained`."""
    return tuple(node for node in _learning(arch) if not node.trainable)


def arrays_inside(arch: Architecture, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some arrays, by "<layer path>:<index>", whose layers are in the model, on a way to
    an output.

    Raises:
        ArchitectureError: a layer's arrays are not as many numbers as its settings say.
    """
    read = arch.as_read
    needed = needed_for(read, read.outputs)
    layers = {node.path: node.layer for node in read.nodes if node.id in needed}
    found = {key: array for key, array in arrays.items() if key.rpartition(":")[0] in layers}
    stored = dict.fromkeys(layers, 0)
    for key, array in found.items():
        stored[key.rpartition(":")[0]] += array.size
    counts = count_parameters(read)
    for path in layers.keys() - set(counts.unknown):
        if stored[path] != (right := counts.layers.get(layers[path], 0)):
            raise ArchitectureError(
                f"«{path}» has {right:,} parameters by its settings, and {stored[path]:,} numbers"
                " are stored for it. A person has to look."
            )
    return found


@once
def _learning(arch: Architecture) -> tuple[Node, ...]:
    """The layers that are known to have parameters which train unless they are frozen."""
    read = arch.as_read
    first = {node.layer: node for node in reversed(read.nodes)}
    known = tuple(node for node in read.nodes if first[node.layer] is node and _learns(read, node))
    live = read.config.get("live")
    seen = live.get("trainable_weights") if isinstance(live, Mapping) else None
    if isinstance(seen, list):
        paths = {str(key).rpartition(":")[0] for key in seen}
        odd = [node.path for node in known if (node.path in paths) != node.trainable]
        if odd:
            raise ArchitectureError(
                f"«{odd[0]}» trains by its flag and not by the model's list of trainable weights,"
                " or the other way round. A person has to look."
            )
    return known


def _learns(read: Architecture, node: Node) -> bool:
    found = layer_parameters(node, [parent.shape for parent in read.parents(node)])
    return found is not None and found[0] > 0
