"""Models of two inputs: what sees which of them, where the two meet, and what is compared there."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.kinds import NORMS
from autograder.architecture.parameters import with_weights
from autograder.architecture.reach import dead_ends, inputs_reaching
from autograder.architecture.witnesses import outputs
from autograder.judge import Case, expect
from autograder.judge.structure import at, held_still, names, shown


class Meeting(NamedTuple):
    """Where the two inputs meet, nodes of the canonical form."""

    node: Node
    sides: tuple[Node, ...]  # what it reads
    joins: bool  # whether it concatenates a tensor of each input

    @property
    def joins_vectors(self) -> bool:
        """Whether it concatenates vectors."""
        return self.joins and all(len(node.shape or ()) == 2 for node in self.sides)

    @property
    def words(self) -> str:
        """What meets there, in the student's names."""
        shapes = " and ".join(dict.fromkeys(map(shown, self.sides)))
        return f"{names([self.node])} of tensors of shape {shapes}"


class Comparison(NamedTuple):
    """The two tensors that a model of two inputs compares, and the model from them on."""

    shapes: tuple[tuple[int | None, ...], ...]  # batch left out
    rest: Any  # keras.Model of two vectors

    def of(self, *pair: np.ndarray) -> np.ndarray:
        """What the model makes of two arrays of embeddings."""
        return np.asarray(outputs(self.rest, list(pair)))


def inputs_of(architecture: Architecture) -> list[Node]:
    """The inputs, in order."""
    return [architecture.node(number) for number in architecture.inputs]


def idle_inputs(architecture: Architecture) -> list[Node]:
    """The inputs from which no way leads to an output."""
    dead = {node.id for node in dead_ends(canonical(architecture))}
    return [node for node in inputs_of(architecture) if node.id in dead]


def own_layers(
    architecture: Architecture, without: frozenset[str] = frozenset(), still: bool = True
) -> list[set[str]]:
    """For each input the layers with weights that see it alone, those of some kinds left out, and
    those that never train where `still` says so.
    """
    reached = inputs_reaching(architecture)
    every = [node for node in with_weights(architecture) if node.kind not in without]
    nodes = [node for node in every if still or node.trainable]
    return [
        {node.layer for node in nodes if reached[node.id] == {number}}
        for number in architecture.inputs
    ]


def expect_training(architecture: Architecture) -> None:
    """Fail unless each input passes a layer of its own that trains, beside norms."""
    own = own_layers(architecture, frozenset(NORMS), still=False)
    bare = [node for node, layers in zip(inputs_of(architecture), own, strict=True) if not layers]
    still = held_still(architecture)
    wanted = "layers that train for each input"
    found = f"none for {names(bare)}: {names(still)} with trainable=False"
    expect(not bare, wanted, found, mistake="branch_held_still", place=at(still))


def unshared(architecture: Architecture) -> list[Node]:
    """The nodes of layers with weights that one of two inputs passes and the other does not."""
    left, right = own_layers(architecture)
    return [node for node in architecture.nodes if node.layer in left ^ right]


def meeting(architecture: Architecture) -> Meeting:
    """The first node that joins a tensor of each of two inputs, else the first that sees both."""
    form = canonical(architecture)
    reached = inputs_reaching(form)
    found = []
    for node in form.nodes:
        sides = {reached[number] for number in node.inputs if len(reached[number]) == 1}
        concatenates = node.kind == "concat" or node.cls == "Hstack"
        if len(reached[node.id]) == 2:
            found.append(Meeting(node, form.parents(node), concatenates and len(sides) == 2))
    return next((one for one in found if one.joins), found[0])


def squares(architecture: Architecture) -> list[Node]:
    """The squares of what depends on two inputs; none where a root is taken too."""
    reached = inputs_reaching(architecture)
    both = [node for node in architecture.nodes if len(reached[node.id]) == 2]
    if any(node.cls == "Sqrt" for node in both):
        return []
    return [
        node
        for node in both
        if node.cls in {"Square", "Power"} or (len(node.inputs) == 2 and len({*node.inputs}) == 1)
    ]


def comparison(case: Case) -> Comparison | None:
    """What is compared, and what follows: None unless one tensor of each side meets the other."""
    found: Comparison | None = case.answers.once(
        "comparison", case.name, lambda: _comparison(case.model)
    )
    return found


def embeddings(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of random embeddings."""
    u, v = np.random.default_rng(1).normal(size=(2, 64, size)).astype("float32")
    return u, v


def _comparison(model: Any) -> Comparison | None:
    import keras

    reached = {id(tensor): 1 << place for place, tensor in enumerate(model.inputs)}
    edge: dict[int, dict[int, Any]] = {1: {}, 2: {}}

    def reach(tensor: Any) -> int:
        if id(tensor) not in reached:
            history = tensor._keras_history  # noqa: SLF001
            parents = history.operation._inbound_nodes[history.node_index].input_tensors  # noqa: SLF001
            sides = [reach(parent) for parent in parents]
            reached[id(tensor)] = bits = int(np.bitwise_or.reduce([0, *sides]))
            if bits == 3:
                for parent, side in zip(parents, sides, strict=True):
                    edge.get(side, {})[id(parent)] = parent
        return reached[id(tensor)]

    reach(model.outputs[0])
    if [len(edge[1]), len(edge[2])] != [1, 1]:
        return None
    pair = [next(iter(edge[side].values())) for side in (1, 2)]
    return Comparison(
        tuple(tuple(tensor.shape[1:]) for tensor in pair), keras.Model(pair, model.outputs[0])
    )
