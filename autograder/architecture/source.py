"""Where a model's description may come from: a live model, a configuration, JSON text, a file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.architecture.node import Architecture, Config
from autograder.architecture.parse import read_config
from autograder.architecture.text import shown
from autograder.errors import ArchitectureError

MAX_TEXT = 64 << 20


def read(source: Any) -> Architecture:
    """The graph of a live Keras model, a configuration, its JSON, a .json or .keras file,
    or a pair with weights.
    """
    if isinstance(source, tuple):
        config, weights = source
        return read_config(_from_text(config) if isinstance(config, str) else config, weights or {})
    if isinstance(source, Mapping):
        return read_config(source)
    if isinstance(source, str) and source.lstrip().startswith("{"):
        return read_config(_from_text(source))
    if isinstance(source, str | Path):
        return read_file(Path(source))
    if hasattr(source, "to_json") and hasattr(source, "layers"):
        return _read_live(source)
    raise ArchitectureError(
        "Expected a Keras model, its configuration, JSON text or a file, "
        f"but got {type(source).__name__}."
    )


def _from_text(text: str) -> Config:
    if len(text) > MAX_TEXT:
        raise ArchitectureError(
            f"The configuration has {len(text)} characters; at most {MAX_TEXT} are read."
        )
    try:
        config = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArchitectureError(f"This is not JSON: {str(error)[:200]}") from error
    if not isinstance(config, Mapping):
        raise ArchitectureError(f"Expected a JSON object, but got {type(config).__name__}.")
    return config


def read_file(path: Path) -> Architecture:
    """The graph in a .keras archive, known by its ending or its first bytes, or in a JSON file."""
    from autograder.architecture.archive import parse_json, read_archive, read_regular

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


def _read_live(model: Any) -> Architecture:
    try:
        text = model.to_json()
    except (NotImplementedError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise ArchitectureError(
            f"«{model.name}» can't describe itself: {str(error)[:300]}"
        ) from error
    weights: dict[str, Any] = {}
    first: dict[int, str] = {}
    aliases: dict[str, str] = {}
    for path, layer in _live_layers(model, ""):
        aliases[path] = first.setdefault(id(layer), path)
        weights.update({f"{path}:{index}": weight for index, weight in enumerate(layer.weights)})
    return read_config(_from_text(text), weights, aliases)


def _live_layers(model: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _live_layers(layer, f"{prefix}{layer.name}/")
        else:
            yield prefix + layer.name, layer
