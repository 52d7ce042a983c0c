"""Structure as graders speak of it: one form for all spellings, the blocks in it,
and what a shape error means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograder.architecture import Architecture, Node, canonical
from autograder.architecture.blocks import ResidualBlock, doubled_merges, sums
from autograder.architecture.facts import BatchNorm, batch_norms
from autograder.architecture.kinds import LEARNING, NORMS
from autograder.architecture.layers import label
from autograder.judge.expectations import Failure, expect
from autograder.records import CellError

SUM = "the block's input, added to the output of its body"


@dataclass(frozen=True, eq=False)
class Structure:
    """An architecture in its canonical form."""

    form: Architecture

    @property
    def output(self) -> Node:
        """What the model gives; the first output of several."""
        return self.form.node(self.form.outputs[0])

    def of_kind(self, *kinds: str) -> tuple[Node, ...]:
        """The nodes of these kinds, in order."""
        return tuple(node for node in self.form.nodes if node.kind in kinds)

    def before(self, node: Node) -> tuple[Node, ...]:
        """The nodes that `node` depends on, in order."""
        seen = set(node.inputs)
        for other in reversed(self.form.nodes):
            if other.id in seen:
                seen.update(other.inputs)
        return tuple(other for other in self.form.nodes if other.id in seen)

    def following(self, node: Node, *kinds: str) -> Node | None:
        """The only reader of a node if it is of one of these kinds."""
        readers = self.form.children(node)
        return readers[0] if len(readers) == 1 and readers[0].kind in kinds else None


def structure(architecture: Architecture) -> Structure:
    """The structure of an architecture."""
    return Structure(canonical(architecture))


def plain(nodes: Iterable[Node]) -> tuple[Node, ...]:
    """The nodes without norms and activations."""
    return tuple(node for node in nodes if node.kind not in NORMS | {"act"})


def words(nodes: Iterable[Node]) -> str:
    """A branch in words: "conv3x3/2:64 bn relu"; a straight one has none."""
    return " ".join(label(node) for node in nodes) or "(nothing: the tensor itself)"


def kinds(nodes: Iterable[Node]) -> str:
    """The same without strides and widths: "conv3x3 bn relu"."""
    return " ".join(re.sub(r"[/:].*", "", label(node)) for node in nodes)


def names(nodes: Iterable[Node]) -> str:
    """The student's names of some nodes: «conv2d», «add»."""
    return ", ".join(dict.fromkeys(f"«{node.name}»" for node in nodes)) or "none"


def shown(node: Node) -> str:
    """The shape of a node's output, the batch left out: 32×32×16."""
    return (
        "×".join("?" if size is None else str(size) for size in (node.shape or ())[1:])
        or "a single number"
    )


def the_sum(architecture: Architecture) -> ResidualBlock:
    """The one residual sum of a block.

    Raises:
        Failure: there is none, with the mistake by name.
    """
    found = structure(architecture)
    if blocks := sums(architecture):
        return blocks[-1]
    if doubled := [node for node in doubled_merges(architecture) if node.kind == "add"]:
        twice = found.form.node(doubled[0].inputs[0])
        text = f"{names(doubled)} adds «{twice.name}» to itself"
        raise Failure(SUM, text, misconception="adds_tensor_to_itself", place=at(doubled))
    if joined := found.of_kind("concat"):
        text = f"{names(joined)} concatenates them"
        raise Failure(SUM, text, misconception="concatenate_instead_of_add", place=at(joined))
    raise Failure(
        SUM, "no sum of two different ways through the block", misconception="no_addition"
    )


def expect_shortcut_from_start(architecture: Architecture, block: ResidualBlock) -> None:
    """Fail unless the shortcut leaves before the first convolution."""
    form = structure(architecture).form
    before = [node for node in structure(architecture).before(block.node) if node.kind in LEARNING]
    outside = [node for node in before if node not in block.nodes]
    expect(
        not outside,
        expected="a shortcut that leaves before the first convolution",
        found=(
            f"it leaves after {names(outside[-1:])}; the body between is only {words(block.body)}"
        ),
        misconception="shortcut_leaves_inside_body",
        place=at([*outside[-1:], form.node(block.node.id)]),
    )


def body_mistake(architecture: Architecture, block: ResidualBlock) -> str | None:
    """The known mistake in the order of a body's layers, if it is one."""
    norms = norms_of(architecture, block.body)
    convolutions = sum(node.kind in LEARNING for node in block.body)
    if block.body and block.body[-1].kind == "act":
        return "relu_before_the_addition"
    if any(norm.after_activation for norm in norms):
        return "batch_norm_after_activation"
    if len(norms) < convolutions:
        return "batch_norm_missing"
    bare = convolutions > 1 and not any(node.kind == "act" for node in block.body)
    return "relu_forgotten" if bare else None


def norms_of(architecture: Architecture, nodes: Iterable[Node]) -> tuple[BatchNorm, ...]:
    """The batch norms among some nodes of the form, and what stands around them."""
    ids = {node.id for node in nodes}
    return tuple(norm for norm in batch_norms(architecture) if norm.node.id in ids)


def stretched(architecture: Architecture, block: ResidualBlock) -> bool:
    """Whether the two sides of a sum differ in shape, so that Keras broadcasts one of them."""
    return len({node.shape for node in structure(architecture).form.parents(block.node)}) > 1


def has_bias(architecture: Architecture, node: Node) -> bool:
    """Whether a layer of the form, or a half of it where two layers were joined, has a bias."""
    raw = [architecture.node(number) for number in at([node])]
    return any(layer.kind in LEARNING and layer.config.get("use_bias", True) for layer in raw)


def at(nodes: Iterable[Node]) -> tuple[int, ...]:
    """Where nodes of the form stand in the architecture as read: what pictures mark."""
    return tuple(number for node in nodes for number in node.origin or (node.id,))


def shapes_in(error: CellError) -> list[tuple[int, ...]]:
    """The feature maps (height, width, channels) that Keras' message about shapes speaks of,
    in its order.
    """
    found = re.findall(r"[(\[]((?:None, )?\d+(?:, \d+){2})[)\]]", error.message)
    return [
        tuple(int(number) for number in text.removeprefix("None, ").split(", ")) for text in found
    ]


def ending(form: Architecture, *others: str) -> list[Node]:
    """What pools and classifies, in order, and nodes of the other kinds.

    Where one pixel is left, a 1×1 convolution is a dense layer, and to flatten the map changes
    nothing.
    """
    found = []
    for node in form.nodes:
        one_pixel = bool(node.inputs) and form.parents(node)[0].size == (1, 1)
        if node.kind == "conv" and one_pixel:
            found.append(replace(node, kind="dense", config={"units": node.channels}))
        elif node.kind in {"gap", "gmp", "dense", *others} or (
            node.kind in {"flatten", "reshape"} and not one_pixel
        ):
            found.append(node)
    return found


def stretch(nodes: Iterable[Node]) -> float:
    """By how much nodes that scale, as read, multiply the distance of two pixels;
    nan where it is not written down.
    """
    return float(np.prod([_factor(node) for node in nodes]))


def expect_smaller_range(architecture: Architecture, scaling: Iterable[Node]) -> None:
    """Fail where nodes of the form that scale pixels spread them further apart."""
    factor = stretch(architecture.node(number) for number in at(scaling))
    expect(
        not factor > 1,
        "pixels in a smaller range than 0 to 255",
        f"pixels multiplied by {factor:g}",
        misconception="rescaling_enlarges",
        place=at(scaling),
    )


def is_sum_error(error: CellError) -> bool:
    """Whether an error about shapes comes from an addition, not from a concatenation."""
    return "incompatible shapes" in error.message or "broadcast" in error.message


def body_is_larger(error: CellError) -> bool:
    """Whether an error about a sum is explained by a shortcut that is smaller than the body."""
    target = re.search(r"is the shortcut: it must become (\d+)×", error.explanation or "")
    return target is not None and int(target[1]) == max(shape[0] for shape in shapes_in(error)[-2:])


def sum_error_mistake(error: CellError, size: int, stride: int) -> str | None:
    """The mistake behind an error about the two sides of a sum in a block
    that was given `size` rows and a stride.
    """
    shapes = shapes_in(error)
    if len(shapes) < 2:
        return None
    (height, _, channels), (other, _, others) = shapes[-2:]
    right = -(-size // stride)
    if channels != others:
        return "projection_missing"
    if right not in {height, other}:
        return "valid_padding_in_body"
    wrong = other if height == right else height
    if wrong == size:
        return "stride_missing_in_body" if body_is_larger(error) else "projection_without_stride"
    if wrong == -(-right // stride):
        return "stride_in_both_convolutions"
    return "shortcut_rounds_down_for_odd_sizes" if right - wrong == 1 else "valid_padding_in_body"


def _factor(node: Node) -> float:
    if node.cls == "Rescaling":
        return _magnitude(node.config.get("scale"))
    if node.cls == "Normalization":
        return float(_magnitude(node.config.get("variance")) ** -0.5)
    factor = _magnitude(node.constants[0]) if node.constants else np.nan
    return {"Multiply": factor, "TrueDivide": 1 / factor, "Divide": 1 / factor}.get(node.cls, 1.0)


def _magnitude(constant: Any) -> float:
    """The largest number of a constant, a list or a serialised array;
    nan for anything else, and for zero.
    """
    if isinstance(constant, dict):
        constant = (constant.get("config") or {}).get("value")
    try:
        largest = float(np.abs(np.asarray(constant, dtype="float64")).max())
    except (TypeError, ValueError):
        return np.nan
    return largest or np.nan
