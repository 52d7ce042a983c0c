"""How graders speak of layers: by the student's names, as words, and where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.layers import label
from autograder.architecture.missing import Missing, layer
from autograder.architecture.parameters import with_weights
from autograder.judge.expectations import expect

_OTHER_FLOATS = re.compile(r"(?<!b)float16|float64")


def words(nodes: Iterable[Node]) -> str:
    """A branch in words: "conv3x3/2:64 bn relu"; a straight one has none."""
    return " ".join(label(node) for node in nodes) or "(nothing: the tensor itself)"


def names(nodes: Iterable[Node]) -> str:
    """The student's names of some nodes: «conv2d», «add»."""
    return ", ".join(dict.fromkeys(f"«{node.name}»" for node in nodes)) or "none"


def shown(node: Node) -> str:
    """The shape of a node's output, the batch left out: 32×32×16."""
    return (
        "×".join("?" if size is None else str(size) for size in (node.shape or ())[1:])
        or "a single number"
    )


def at(nodes: Iterable[Node]) -> tuple[int, ...]:
    """Where nodes of the form stand in the architecture as read: what pictures mark."""
    return tuple(number for node in nodes for number in node.origin or (node.id,))


def held_still(architecture: Architecture) -> list[Node]:
    """The layers with weights that never train, as their flags say; what normalises by numbers that
    it was given has none that could.
    """
    nodes = with_weights(architecture)
    return [node for node in nodes if not node.trainable and node.kind != "normalize"]


def lacking(word: str, nodes: Iterable[Node]) -> tuple[Missing, ...]:
    """A layer that is missing after each of these nodes: what pictures draw dashed there."""
    return tuple(layer(word, node) for node in nodes)


def lacking_at_first(word: str, architecture: Architecture) -> tuple[Missing, ...]:
    """A layer that is missing right after the inputs."""
    form = canonical(architecture)
    return lacking(word, map(form.node, form.inputs))


def activation_at(node: Node, found: str, wanted: str) -> dict[str, Any]:
    """Where an activation is not the right one, or where it is missing: the end of `expect`."""
    if found in {"linear", "no activation"}:
        return {"missing": lacking(wanted, [node])}
    return {"place": at([node])}


def expect_computable(architecture: Architecture) -> None:
    """Fail if no processor has one of its convolutions: with the channels first there are some for
    float32 and bfloat16 only.
    """
    odd = [
        node
        for node in architecture.nodes
        if node.kind in {"conv", "upconv"}
        and node.config.get("data_format") == "channels_first"
        and _OTHER_FLOATS.search(str(node.config.get("dtype")))
    ]
    wanted = "convolutions that can be computed without a GPU"
    found = f"half or double precision with the channels first in {names(odd)}"
    hint = 'Leave data_format at "channels_last", as the images here are.'
    expect(not odd, wanted, found, hint=hint, place=[node.id for node in odd])


def differing(
    nodes: Iterable[Node], found: Sequence[object], wanted: Sequence[object]
) -> list[Node]:
    """The nodes for which something is found that is not wanted there; all, where their number is
    another one.
    """
    nodes = list(nodes)
    if len(found) != len(wanted):
        return nodes
    return [node for node, one, other in zip(nodes, found, wanted, strict=True) if one != other]
