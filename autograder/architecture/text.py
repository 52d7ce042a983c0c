"""A model as lines of text for a terminal, one for each layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from autograder.architecture.kinds import activation_name, layer_activation
from autograder.architecture.node import Architecture, Node, Shape
from autograder.showing import shown

__all__ = ["SIGNS", "activation_text", "describe", "shape_text", "shown", "title"]

SIGNS = {"found": "✓", "wrong": "✗", "missing": "?"}
_TITLES = {
    "input": "input", "sepconv": "separable conv", "dwconv": "depthwise conv",
    "upconv": "transposed conv", "bn": "batch norm", "ln": "layer norm", "gn": "group norm",
    "maxpool": "max pool", "avgpool": "average pool", "gap": "global average pool",
    "gmp": "global max pool", "concat": "concatenate", "mul": "multiply", "sub": "subtract",
    "pad": "zero padding", "crop": "crop", "rescale": "rescaling", "normalize": "normalization",
    "getitem": "slice",
}  # fmt: skip
_BY_CLASS = frozenset({
    "opaque", "op", "arith", "augment", "attention", "rnn", "wrapper", "reshape", "embedding",
})  # fmt: skip


def describe(arch: Architecture, marks: Mapping[int, str] | None = None) -> str:
    """The model's layers in order: name, what it is, output shape,
    and inputs; marked ones bear a sign.
    """
    rows = [
        (
            SIGNS.get((marks or {}).get(node.id, ""), ""),
            shown(node.path, 40),
            title(node),
            shape_text(node.shape),
            ", ".join(shown(parent.name, 30) for parent in arch.parents(node)),
        )
        for node in arch.nodes
    ]
    head = ("", "layer", "what", "output", "called on")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(4)]
    return "".join(
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4]]
        ).rstrip()
        + "\n"
        for row in [head, *rows]
    )


def title(node: Node) -> str:
    """What a layer is, with the numbers that matter: "conv 3×3, 64, /2, relu"."""
    if node.kind == "act":
        return shown(_activation(node), 30)
    words = [_named(node)]
    width = node.config.get("filters") or node.config.get("units")
    if isinstance(width, int):
        words.append(str(width))
    if stride := _stride(node):
        words.append(f"/{stride}")
    return ", ".join([*words, *_unusual(node)])


def activation_text(node: Node) -> str | None:
    """The activation that a layer applies itself; None for none,
    and for layers that are an activation.
    """
    return None if node.kind == "act" else _activation(node)


def shape_text(shape: Shape | None) -> str:
    """The shape without the batch: "32×32×16"; an unknown size is "?"."""
    if shape is None:
        return "?"
    return "×".join("?" if size is None else str(size) for size in shape[1:]) or "scalar"


def _named(node: Node) -> str:
    """What the layer is, with its window, factor or rate."""
    name = shown(node.cls, 30) if node.kind in _BY_CLASS else _TITLES.get(node.kind, node.kind)
    if text := _window(_sizes(node)):
        name += f" {text}"
    if node.kind == "rescale" and isinstance(node.config.get("scale"), int | float):
        name += f" ×{node.config['scale']:.4g}"
    if node.kind == "dropout" and isinstance(node.config.get("rate"), int | float):
        name += f" {node.config['rate']:g}"
    return name


def _unusual(node: Node) -> Iterator[str]:
    """Dilation, groups and padding where they are not the usual ones."""
    config = node.config
    dilation = _window(config.get("dilation_rate"))
    if dilation.strip("1×"):
        yield f"dilated {dilation}"
    if isinstance(config.get("groups"), int) and config["groups"] > 1 and node.kind == "conv":
        yield f"{config['groups']} groups"
    convolves = node.kind in {"conv", "sepconv", "dwconv"}
    if config.get("padding") == "valid" and convolves and _window(_sizes(node)) != "1×1":
        yield "valid"


def _sizes(node: Node) -> Any:
    if node.kind == "upsample":
        return node.config.get("size")
    return node.config.get("kernel_size") or node.config.get("pool_size")


def _activation(node: Node) -> str | None:
    if node.kind == "act":
        return layer_activation(node.cls, node.config)
    if "activation" not in node.config:
        return None
    name = activation_name(node.config["activation"])
    return None if name == "linear" else name


def _window(sizes: Any) -> str:
    sizes = [sizes] if isinstance(sizes, int) else sizes
    if (
        not isinstance(sizes, list | tuple)
        or len(sizes) > 3
        or not all(isinstance(size, int) for size in sizes)
    ):
        return ""
    return "×".join(map(str, sizes))


def _stride(node: Node) -> str:
    """The stride where it says something: not 1, and for a pooling not its window."""
    strides = node.config.get("strides")
    sizes = [strides] if isinstance(strides, int) else strides
    if (
        not isinstance(sizes, list | tuple)
        or len(sizes) > 3
        or not all(isinstance(size, int) for size in sizes)
    ):
        return ""
    if set(sizes) == {1} and node.kind not in {"maxpool", "avgpool"}:
        return ""
    return str(sizes[0]) if len(set(sizes)) == 1 else _window(sizes)
