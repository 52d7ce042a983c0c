"""Are two networks the same but for spelling? A hash that names
and the order of definition do not touch.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.architecture.canonical import WEIGHTY, canonical
from autograder.architecture.facts import shared_layers
from autograder.architecture.kinds import POOLS
from autograder.architecture.layers import LINEAR, activation, kernel, resampling, strides
from autograder.architecture.node import Architecture, Node

ROUNDS = 6  # colours are refined until their number stays, but no longer than this
IGNORED = frozenset(
    {
        "name",
        "trainable",
        "dtype",
        "activation",
        "seed",
        "momentum",
        "epsilon",
        "synchronized",
        "data_format",
        "batch_shape",
        "keepdims",
        "sparse",
        "ragged",
        "optional",
        "autocast",
        "batch_input_shape",
        "dropout",
        "rate",
    }
)
"""Settings that are no part of the structure, or stand in the shape already."""
SYMMETRIC = frozenset({"add", "mul", "average", "max", "min", "concat"})


def same(first: Architecture, second: Architecture, loose: bool = False) -> bool:
    """Whether two models differ only in spelling; `loose`:
    however they halve and double the resolution.
    """
    return digest(first, loose) == digest(second, loose)


def digest(arch: Architecture, loose: bool = False) -> str:
    """A hash of the canonical form: equal for models that differ only in spelling.

    Each node is coloured by what it is, by its inputs and its readers, and by the other calls of
    its layer, again and again until no more nodes can be told apart. Parents of sums and the like
    are unordered, doubled ones stay doubled.
    """
    form = canonical(arch)
    if loose:
        form = _resampling_alike(form)
    form = _flat_sums(form)
    colours = {node.id: _hash(_letter(form, node, loose)) for node in form.nodes}
    for place, number in enumerate(form.inputs):
        colours[number] = _hash([colours[number], "input", place if len(form.inputs) > 1 else 0])
    for place, number in enumerate(form.outputs):
        colours[number] = _hash([colours[number], "output", place])
    kinds = 0
    for _ in range(ROUNDS):
        colours = _refined(form, colours)
        if len(set(colours.values())) == kinds:
            break
        kinds = len(set(colours.values()))
    return _hash(sorted(colours.values()))


def _refined(form: Architecture, colours: dict[int, str]) -> dict[int, str]:
    """Colours that know one more time what stands before and after,
    and with which other calls a layer is shared.
    """
    calls = {
        layer: sorted(colours[node.id] for node in nodes)
        for layer, nodes in shared_layers(form).items()
    }
    down: dict[int, str] = {}
    for node in form.nodes:
        parents = [down[number] for number in node.inputs]
        alike = calls.get(node.layer, [])
        down[node.id] = _hash(
            [colours[node.id], sorted(parents) if _symmetric(form, node) else parents, alike]
        )
    up: dict[int, list[str]] = {node.id: [] for node in form.nodes}
    result: dict[int, str] = {}
    for node in reversed(form.nodes):
        result[node.id] = _hash([down[node.id], sorted(up[node.id])])
        for place, number in enumerate(node.inputs):
            up[number].append(_hash([result[node.id], 0 if _symmetric(form, node) else place]))
    return result


def _letter(form: Architecture, node: Node, loose: bool) -> list[Any]:
    """What a node is by itself."""
    settings: Mapping[str, Any] = {key: value for key, value in node.config.items() if _counts(key)}
    if (
        node.kind in WEIGHTY
        and (followers := form.children(node))
        and all(child.kind == "bn" for child in followers)
    ):
        settings = {key: value for key, value in settings.items() if key != "use_bias"}
    if node.kind in POOLS:
        settings = {
            "window": kernel(node),
            "strides": strides(node),
            "padding": settings.get("padding"),
        }
    if node.kind == "bn":
        settings = {**settings, "axis": _positive(settings.get("axis", -1), node)}
    if node.kind in {
        "act",
        "gap",
        "gmp",
        "rescale",
        "add",
        "mul",
        "sub",
        "average",
        "max",
        "min",
        "input",
    }:
        settings = {"activation": activation(node)} if node.kind == "act" else {}
    elif loose and node.kind in {"down", "up"}:
        settings = {"factor": resampling(node)}
    cls = (
        node.cls
        if node.kind
        in {
            "opaque",
            "op",
            "arith",
            "augment",
            "lambda",
            "reshape",
            "rnn",
            "wrapper",
            "attention",
        }
        else ""
    )
    constants = [node.constants] if node.kind == "arith" and node.cls not in LINEAR else []
    shape = node.shape[1:] if node.shape else None
    if node.kind in {"gap", "gmp"} and shape:
        shape = shape[-1:]
    return [node.kind, cls, settings, shape, constants]


def _counts(key: str) -> bool:
    return key not in IGNORED and not key.endswith(("_initializer", "_regularizer", "_constraint"))


def _positive(axis: Any, node: Node) -> Any:
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    return axis % len(node.shape) if isinstance(axis, int) and node.shape else axis


def _symmetric(form: Architecture, node: Node) -> bool:
    """Whether the order of inputs means nothing:
    a difference counts too where only its size is used.
    """
    if node.kind == "sub":
        readers = form.children(node)
        return bool(readers) and all(
            child.kind == "arith" and child.cls in {"Absolute", "Square"} for child in readers
        )
    return node.kind in SYMMETRIC


def _flat_sums(form: Architecture) -> Architecture:
    """`a + b + c` as one sum of three."""
    uses: dict[int, int] = {}
    for number in [*(number for node in form.nodes for number in node.inputs), *form.outputs]:
        uses[number] = uses.get(number, 0) + 1
    spliced: dict[int, tuple[int, ...]] = {}
    nodes: list[Node] = []
    for node in form.nodes:
        inputs: Iterable[int] = node.inputs
        if node.kind == "add":
            inputs = [inner for number in node.inputs for inner in spliced.get(number, (number,))]
            if (
                uses.get(node.id) == 1
                and node.id not in form.outputs
                and _only_reader_adds(form, node)
            ):
                spliced[node.id] = tuple(inputs)
                continue
        nodes.append(dataclasses.replace(node, inputs=tuple(inputs)))
    return dataclasses.replace(form, nodes=tuple(nodes))


def _only_reader_adds(form: Architecture, node: Node) -> bool:
    readers = form.children(node)
    return len(readers) == 1 and readers[0].kind == "add" and readers[0].shape == node.shape


def _resampling_alike(form: Architecture) -> Architecture:
    """One node "down" for all that halves, one "up" for a transposed convolution
    or up-sampling and a convolution.
    """
    nodes: dict[int, Node] = {}
    instead: dict[int, int] = {}
    for node in form.nodes:
        inputs = tuple(instead.get(number, number) for number in node.inputs)
        parent = nodes[inputs[0]] if len(inputs) == 1 else None
        if (
            node.kind == "conv"
            and parent is not None
            and parent.kind == "up"
            and len(form.children(parent)) == 1
            and resampling(node) == 1
        ):
            nodes[parent.id] = dataclasses.replace(parent, shape=node.shape)
            instead[node.id] = parent.id
            continue
        kind = "down" if resampling(node) < 1 else "up" if resampling(node) > 1 else node.kind
        nodes[node.id] = dataclasses.replace(
            node, kind=kind, inputs=inputs, config={} if kind != node.kind else node.config
        )
    outputs = tuple(instead.get(number, number) for number in form.outputs)
    return dataclasses.replace(form, nodes=tuple(nodes.values()), outputs=outputs)


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:24]
