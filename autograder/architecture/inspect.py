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

from autograder.architecture.blocks import inception_modules, residual_blocks, skips
from autograder.architecture.draw import draw
from autograder.architecture.expression import SHORTCUTS
from autograder.architecture.facts import Head, heads, ladder, preparations
from autograder.architecture.match import Match, match
from autograder.architecture.merges import merges
from autograder.architecture.node import Architecture, Node
from autograder.architecture.parameters import count_parameters, frozen
from autograder.architecture.reach import dead_ends, shared_layers
from autograder.architecture.source import read_file
from autograder.architecture.text import describe, shape_text, shown
from autograder.errors import ArchitectureError, UsageError
from autograder.files import write

MERGES = {"add": "add", "concatenate": "concat", "multiply": "mul"}
_ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


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
    if as_json:
        click.echo(json.dumps(facts(arch), indent=2, ensure_ascii=True))
    elif found is None:
        click.echo("".join(f"{line}\n" for line in summary(arch)))
        click.echo(describe(arch), nl=False)
    if found is not None:
        _say(found, arch, as_json)
    if svg:
        caption = f"{arch.name}: {expect}" if expect else arch.name
        drawn = draw(arch, _marks(found), caption, found.missing if found else ())
        try:
            _save(Path(svg), drawn)
        except OSError as error:
            raise UsageError(f"{shown(svg)} can't be written: {error.strerror}") from None
    return 0 if found is None or found.ok else 1


def _save(svg: Path, drawn: str) -> None:
    is_device = svg.exists() and not svg.is_file()  # or a pipe, which nothing can replace
    if is_device or not svg.parent.is_dir():  # Python says what is wrong with it
        svg.write_text(drawn, encoding="utf-8")
    else:
        write(svg.resolve(), drawn)


def _say(found: Match, arch: Architecture, as_json: bool) -> None:
    """What became of the expectation, beside JSON on the error output."""
    verdict = "as expected" if found.ok else "not as expected"
    text = f"{verdict}\nexpected: {found.expected}\nfound: {found.found}"
    click.echo("\n".join(shown(line, 1000) for line in text.splitlines()), err=as_json)
    if not found.ok and not as_json:
        click.echo("\n" + describe(arch, _marks(found)), nl=False)


def _marks(found: Match | None) -> dict[int, str]:
    if found is None:
        return {}
    return dict.fromkeys(found.place, "found" if found.ok else "wrong")


def facts(arch: Architecture) -> dict[str, Any]:
    """The facts that `--json` prints."""
    kinds = Counter(merge.kind for merge in merges(arch))
    shortcuts = Counter[str](block.shortcut for block in residual_blocks(arch))
    counts = count_parameters(arch)
    return {
        "parameters": {
            "total": counts.total,
            "trainable": counts.trainable,
            "non_trainable": counts.non_trainable,
        },
        "merges": {name: kinds[kind] for name, kind in MERGES.items()},
        "concatenate_fan_in": _fan_in(arch),
        "residual_blocks": {kind: shortcuts[kind] for kind in SHORTCUTS},
        "skips": len(skips(arch)),
        "heads": [_head(head) for head in heads(arch)],
        "opaque": [node.path for node in arch.opaque],
        "unknown_shapes": sum(node.shape is None for node in arch.nodes),
    }


def _fan_in(arch: Architecture) -> dict[str, int]:
    """How many concatenations there are of so many branches."""
    counts = Counter(len(merge.branches) for merge in merges(arch) if merge.kind == "concat")
    return {str(branches): counts[branches] for branches in sorted(counts)}


def _head(head: Head) -> dict[str, Any]:
    return {
        "name": head.name,
        "units": head.units,
        "activation": head.activation,
        "rank": head.rank,
    }


def summary(arch: Architecture) -> Iterator[str]:
    """The facts in words, a line each; what there is none of is left out."""
    counts = count_parameters(arch)
    yield (
        f"«{shown(arch.name)}»: {len(arch.nodes)} layers, {counts.total:,} parameters, "
        f"{counts.trainable:,} trainable, {counts.non_trainable:,} not"
    )
    for what, values in (*_structure(arch), *_layers(arch)):
        if text := ", ".join(values):
            yield f"{what}: {text}"


def _structure(arch: Architecture) -> Iterator[tuple[str, Iterable[str]]]:
    inputs = map(arch.node, arch.inputs)
    yield "inputs", (f"{shown(node.name, 40)} {shape_text(node.shape)}" for node in inputs)
    yield (
        "outputs",
        (f"{shown(h.name, 40)} {shape_text(h.node.shape)} {h.activation}" for h in heads(arch)),
    )
    yield "resolutions", (shape_text((None, *size)) for size in ladder(arch))
    yield "merges", _counted(merge.kind for merge in merges(arch))
    shortcuts = (block.shortcut for block in residual_blocks(arch))
    yield "residual blocks, by shortcut", _counted(shortcuts)
    yield "inception modules", _some(module.node.path for module in inception_modules(arch))
    yield (
        "skips of a U-Net",
        (f"{shown(s.partner.name)} → {shown(s.node.name)}" for s in skips(arch)),
    )


def _layers(arch: Architecture) -> Iterator[tuple[str, Iterable[str]]]:
    yield "preparation", (shown(found.node.path) for found in preparations(arch))
    yield "shared layers", _some(shared_layers(arch))
    yield "frozen layers", _paths(frozen(arch))
    yield "lead to no output", _paths(dead_ends(arch))
    yield "can't be looked into", _paths(arch.opaque)
    yield "parameters not known of", _some(count_parameters(arch).unknown)
    yield "compiled with", _compiled(arch.compile_config or {})


def _counted(kinds: Iterable[str]) -> Iterator[str]:
    return (f"{number} {kind}" for kind, number in Counter(kinds).most_common())


def _some(paths: Iterable[str]) -> Iterator[str]:
    every = [shown(path, 60) for path in paths]
    yield from every[:8]
    if len(every) > 8:
        yield f"and {len(every) - 8} more"


def _paths(nodes: Iterable[Node]) -> Iterator[str]:
    return _some(node.path for node in nodes)


def _compiled(config: Mapping[str, Any]) -> Iterator[str]:
    for key in ("optimizer", "loss"):
        value = config.get(key)
        name = value.get("class_name") if isinstance(value, Mapping) else value
        if name:
            yield f"{key} {shown(json.dumps(name) if isinstance(name, list | dict) else name, 100)}"
