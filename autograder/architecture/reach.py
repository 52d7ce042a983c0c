"""What leads where in a graph. Each of these speaks of the very graph that it is given,
as read or canonical, and of that one's nodes.
"""

from __future__ import annotations

from collections.abc import Iterable

from autograder.architecture.kinds import LEARNING, NORMS
from autograder.architecture.node import Architecture, Node, once

SHAREABLE = LEARNING | NORMS | {"embedding", "rnn", "wrapper", "opaque"}


@once
def inputs_reaching(arch: Architecture) -> dict[int, frozenset[int]]:
    """For each node the inputs (ids) that it depends on."""
    bits: dict[int, int] = {number: 1 << place for place, number in enumerate(arch.inputs)}
    for node in arch.nodes:
        for parent in node.inputs:
            bits[node.id] = bits.get(node.id, 0) | bits.get(parent, 0)
    sets: dict[int, frozenset[int]] = {}
    for mask in set(bits.values()):
        sets[mask] = frozenset(
            number for place, number in enumerate(arch.inputs) if mask >> place & 1
        )
    return {node.id: sets.get(bits.get(node.id, 0), frozenset()) for node in arch.nodes}


@once
def outputs_reached(arch: Architecture) -> dict[int, int]:
    """For each node, as bits, the outputs that need it."""
    reached: dict[int, int] = {}
    for place, number in enumerate(arch.outputs):
        reached[number] = reached.get(number, 0) | 1 << place
    for node in reversed(arch.nodes):
        for parent in node.inputs:
            reached[parent] = reached.get(parent, 0) | reached.get(node.id, 0)
    return reached


def depending_on(arch: Architecture, numbers: Iterable[int]) -> set[int]:
    """Those nodes, and all that depend on them."""
    found = set(numbers)
    for node in arch.nodes:
        if not found.isdisjoint(node.inputs):
            found.add(node.id)
    return found


def needed_for(arch: Architecture, numbers: Iterable[int]) -> set[int]:
    """Those nodes, and all that they depend on."""
    found = set(numbers)
    for node in reversed(arch.nodes):
        if node.id in found:
            found.update(node.inputs)
    return found


def learning_before(arch: Architecture, node: Node) -> tuple[Node, ...]:
    """The nodes with weights that a node depends on, itself among them."""
    needed = needed_for(arch, [node.id])
    return tuple(one for one in arch.nodes if one.id in needed and one.kind in LEARNING)


@once
def dead_ends(arch: Architecture) -> tuple[Node, ...]:
    """The nodes that no output needs: inputs that nothing reads, branches that lead nowhere. What
    a call gives beside a tensor that is needed, such as the sequence beside a state, is none.
    """
    reached = outputs_reached(arch)
    return tuple(
        node
        for node in arch.nodes
        if not reached.get(node.id)
        and not (node.cls == "Output" and all(reached.get(number) for number in node.inputs))
    )


@once
def shared_layers(arch: Architecture) -> dict[str, tuple[Node, ...]]:
    """The layers with weights that are called more than once, by `Node.layer`."""
    calls: dict[str, list[Node]] = {}
    for node in arch.nodes:
        if node.kind in SHAREABLE:
            calls.setdefault(node.layer, []).append(node)
    return {layer: tuple(nodes) for layer, nodes in calls.items() if len(nodes) > 1}
