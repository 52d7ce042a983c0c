"""What a model file is made of: facts in words, as JSON or as a picture, or against an
expression.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from autograder.architecture.archive import parse_json, read_archive, read_regular
from autograder.architecture.draw import draw
from autograder.architecture.match import match
from autograder.architecture.node import Architecture
from autograder.architecture.parse import read_config
from autograder.architecture.text import describe, shape_text, shown
from autograder.errors import ArchitectureError

MERGES = {"add": "add", "concatenate": "concat", "multiply": "mul"}
_ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
SHORTCUTS = ("identity", "projection", "pool")


def inspect(
    path: Path | str,
    expect: str | None = None,
    as_json: bool = False,
    svg: Path | str | None = None,
) -> int:
    """Print what the model in `path` is made of; 1 if it is not as `expect` says, else 0.

    `path` is a .keras archive or a file with what `model.to_json()` gave; nothing in it is run.
    Raises ArchitectureError for a file that can't be read, ExpressionError for an expression that
    can't be parsed.
    """
    arch = read_file(Path(path))
    try:
        return _tell(arch, expect, as_json, svg)
    except _ODD as error:
        said = f"{type(error).__name__}, {shown(error)}"
        raise ArchitectureError(
            f"{shown(Path(path).name)} holds values that Keras does not write: {said}"
        ) from error


def _tell(arch: Architecture, expect: str | None, as_json: bool, svg: Path | str | None) -> int:
    found = match(expect, arch) if expect else None
    marks = dict.fromkeys(found.place, "found" if found.ok else "wrong") if found else {}
    if as_json:
        click.echo(json.dumps(facts(arch), indent=2, ensure_ascii=True))
    elif found is None:
        click.echo("".join(f"{line}\n" for line in summary(arch)))
        click.echo(describe(arch), nl=False)
    if found:
        verdict = "as expected" if found.ok else "not as expected"
        text = f"{verdict}\nexpected: {found.expected}\nfound: {found.found}"
        click.echo("\n".join(shown(line, 1000) for line in text.splitlines()), err=as_json)
        if not found.ok and not as_json:
            click.echo("\n" + describe(arch, marks), nl=False)
    if svg:
        Path(svg).write_text(
            draw(arch, marks, f"{arch.name}: {expect}" if expect else arch.name), encoding="utf-8"
        )
    return 0 if found is None or found.ok else 1


def read_file(path: Path) -> Architecture:
    """The architecture in a .keras archive, known by its ending or its first bytes,
    or in a JSON file.
    """
    path = path.resolve()
    data = read_regular(path)
    if path.suffix == ".keras" or data.startswith(b"PK"):
        archive = read_archive(path)
        return read_config(archive.config, archive.weights)
    config = parse_json(data)
    if not isinstance(config, Mapping):
        raise ArchitectureError(
            f"{shown(path.name)} is neither a .keras archive nor what model.to_json() gives"
        )
    return read_config(config)


def facts(arch: Architecture) -> dict[str, Any]:
    """The facts that `--json` prints."""
    merges = Counter(merge.kind for merge in arch.merges)
    branches = Counter(len(merge.branches) for merge in arch.merges if merge.kind == "concat")
    shortcuts = Counter[str](block.shortcut for block in arch.residual_blocks)
    parameters = arch.parameters
    return {
        "parameters": {
            "total": parameters.total,
            "trainable": parameters.trainable,
            "non_trainable": parameters.non_trainable,
        },
        "merges": {name: merges[kind] for name, kind in MERGES.items()},
        "concatenate_fan_in": {str(number): branches[number] for number in sorted(branches)},
        "residual_blocks": {kind: shortcuts[kind] for kind in SHORTCUTS},
        "skips": len(arch.skips),
        "heads": [
            {
                "name": head.name,
                "units": head.units,
                "activation": head.activation,
                "rank": head.rank,
            }
            for head in arch.heads
        ],
        "opaque": [node.path for node in arch.opaque],
        "unknown_shapes": sum(node.shape is None for node in arch.nodes),
    }


def summary(arch: Architecture) -> Iterator[str]:
    """The facts in words, a line each; what there is none of is left out."""
    count = arch.parameters
    yield (
        f"«{shown(arch.name)}»: {len(arch.nodes)} layers, {count.total:,} parameters, "
        f"{count.trainable:,} trainable, {count.non_trainable:,} not"
    )
    inputs = [arch.node(number) for number in arch.inputs]
    yield from _line(
        "inputs", (f"{shown(node.name, 40)} {shape_text(node.shape)}" for node in inputs)
    )
    yield from _line(
        "outputs",
        (f"{shown(h.name, 40)} {shape_text(h.node.shape)} {h.activation}" for h in arch.heads),
    )
    yield from _line("resolutions", (shape_text((None, *size)) for size in arch.ladder))
    yield from _line("merges", _counted(merge.kind for merge in arch.merges))
    yield from _line(
        "residual blocks, by shortcut", _counted(block.shortcut for block in arch.residual_blocks)
    )
    yield from _line(
        "inception modules", _some(module.node.path for module in arch.inception_modules)
    )
    yield from _line(
        "skips of a U-Net", (f"{shown(s.partner.name)} → {shown(s.node.name)}" for s in arch.skips)
    )
    yield from _line("preparation", (shown(found.node.path) for found in arch.preparations))
    yield from _line("shared layers", _some(arch.shared))
    yield from _line("frozen layers", _some(node.path for node in arch.frozen))
    yield from _line("lead to no output", _some(node.path for node in arch.dead_ends))
    yield from _line("can't be looked into", _some(node.path for node in arch.opaque))
    yield from _line("parameters not known of", _some(count.unknown))
    if arch.compile_config:
        yield from _line("compiled with", _compiled(arch.compile_config))


def _line(what: str, values: Iterable[str]) -> Iterator[str]:
    text = ", ".join(values)
    if text:
        yield f"{what}: {text}"


def _counted(kinds: Iterable[str]) -> Iterator[str]:
    return (f"{number} {kind}" for kind, number in Counter(kinds).most_common())


def _some(paths: Iterable[str]) -> Iterator[str]:
    every = [shown(path, 60) for path in paths]
    yield from every[:8]
    if len(every) > 8:
        yield f"and {len(every) - 8} more"


def _compiled(config: Mapping[str, Any]) -> Iterator[str]:
    for key in ("optimizer", "loss"):
        value = config.get(key)
        name = value.get("class_name") if isinstance(value, Mapping) else value
        if name:
            yield f"{key} {shown(json.dumps(name) if isinstance(name, list | dict) else name, 100)}"
